package io.sparseplan.search.problem;

import java.util.Arrays;

/**
 * Shares of the lengths for a goal that looks at the worst of them.
 *
 * <p>Idea: the largest of some losses is no less than any mixture of them, and a mixture is a sum
 * over heads like the mean. So the problem with a mixture in place of the largest loss bounds it,
 * and the best mixture bounds it best: it is that at which no length pays for another. Shares grow
 * where the plan of a mixture loses most (multiplicative weights; Arora, Hazan and Kale, Theory of
 * Computing 8, 2012). Often one length loses most whatever is done, so that one alone is tried
 * first.
 */
public final class LengthShares {
  private static final int ROUNDS = 10;
  private static final double LONGEST_STEP = 2;

  /** A plan whose largest loss is this close above its mixture, relatively, leaves nothing. */
  private static final double CLOSE = 1e-9;

  private final SearchProblem problem;
  private SearchProblem best;
  private double bound = Double.NEGATIVE_INFINITY;

  private LengthShares(SearchProblem problem) {
    this.problem = problem;
    this.best = problem;
  }

  /**
   * The problem with the mixture that bounds it best, of those that were tried; the problem itself
   * where its losses are of one kind.
   */
  public static SearchProblem best(SearchProblem problem) {
    return problem.lossTerms() == 1 ? problem : new LengthShares(problem).find();
  }

  private SearchProblem find() {
    double[] shares = even();
    double[] losses = tried(shares);
    if (losses.length == 0) {
      return best;
    }
    int worst = worst(losses);
    losses = tried(alone(worst));
    if (losses.length == 0 || worst(losses) == worst) {
      return best;
    }
    for (int round = 0; round < ROUNDS; round++) {
      losses = tried(shares);
      double mixture = 0;
      for (int n = 0; n < shares.length; n++) {
        mixture += shares[n] * losses[n];
      }
      double most = losses[worst(losses)];
      if (most <= mixture * (1 + CLOSE)) {
        break;
      }
      shares = moved(shares, losses, LONGEST_STEP / (1 + round));
    }
    return best;
  }

  /** The losses of the plan that is best by the mixture; nothing if it has none within the goal. */
  private double[] tried(double[] shares) {
    SearchProblem mixed = problem.withShares(shares);
    Relaxation.Solution solution = new Relaxation(mixed).best(1);
    if (solution.bound() > bound) {
      bound = solution.bound();
      best = mixed;
    }
    return solution.choice().map(mixed::lossTermsOf).orElseGet(() -> new double[0]);
  }

  private double[] even() {
    double[] shares = new double[problem.lossTerms()];
    Arrays.fill(shares, 1.0 / shares.length);
    return shares;
  }

  private double[] alone(int length) {
    double[] shares = new double[problem.lossTerms()];
    shares[length] = 1;
    return shares;
  }

  private static int worst(double[] losses) {
    int worst = 0;
    for (int n = 1; n < losses.length; n++) {
      worst = losses[n] > losses[worst] ? n : worst;
    }
    return worst;
  }

  private static double[] moved(double[] shares, double[] losses, double step) {
    double most = losses[worst(losses)];
    double[] moved = new double[shares.length];
    double all = 0;
    for (int n = 0; n < moved.length; n++) {
      moved[n] = shares[n] * Math.exp(step * losses[n] / most);
      all += moved[n];
    }
    for (int n = 0; n < moved.length; n++) {
      moved[n] /= all;
    }
    return moved;
  }
}
