package io.sparseplan.search.strategy;

import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.search.problem.HeadLosses;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sparse-vDiT's rule (arXiv 2506.03065, §3.3): each head by itself takes the pattern with the least
 * L = MSE + λ·(1 − S), where S is the share of tiles skipped, and stays dense where every L exceeds
 * ε. The knob is ε at the published λ; where even ε = ∞ is too slow, λ grows. The error is the
 * profile's, relative to the norm of the head's output, where Sparse-vDiT's is not.
 */
public final class SparseVdit implements PeerStrategy {
  private static final int DENSE = 0;
  private static final double PUBLISHED_LAMBDA = 0.5;

  /** Above, ε falls from ∞ to 0; below, λ grows from the published one. */
  private static final double ALL_SPARSE = 0.5;

  /** Outweighs any difference of errors that a head can show. */
  private static final double MOST_LAMBDA = 1e4;

  private final PeerInput input;
  private final HeadLosses error;

  public SparseVdit(PeerInput input) {
    this.input = input;
    this.error = input.losses(LossKind.OUTPUT_ERROR);
  }

  @Override
  public Optional<int[]> choose(double generosity) {
    if (input.density().length == 1) {
      return Optional.of(new int[input.places()]);
    }
    return Optional.of(
        generosity < ALL_SPARSE
            ? choice(lambda(generosity / ALL_SPARSE), Double.POSITIVE_INFINITY)
            : choice(PUBLISHED_LAMBDA, epsilon((generosity - ALL_SPARSE) / (1 - ALL_SPARSE))));
  }

  private static double lambda(double share) {
    return MOST_LAMBDA * Math.pow(PUBLISHED_LAMBDA / MOST_LAMBDA, share);
  }

  /** So that the heads above ε grow evenly with the share: the ranks of their losses. */
  private double epsilon(double share) {
    double[] ascending =
        IntStream.range(0, input.places())
            .mapToDouble(place -> loss(place, best(place, PUBLISHED_LAMBDA), PUBLISHED_LAMBDA))
            .sorted()
            .toArray();
    int sparse = (int) Math.round((1 - share) * ascending.length);
    return sparse == 0 ? 0 : ascending[sparse - 1];
  }

  private int[] choice(double lambda, double epsilon) {
    int[] choice = new int[input.places()];
    Arrays.setAll(
        choice,
        place -> {
          int best = best(place, lambda);
          return loss(place, best, lambda) > epsilon ? DENSE : best;
        });
    return choice;
  }

  private int best(int place, double lambda) {
    return IntStream.range(DENSE + 1, input.density().length)
        .filter(input.problem().rules().offers()::isFixed)
        .boxed()
        .min(Comparator.comparingDouble(candidate -> loss(place, candidate, lambda)))
        .orElseThrow();
  }

  private double loss(int place, int candidate, double lambda) {
    return error.mean(place, candidate) / input.groups().groupSize()
        + lambda * input.density()[candidate];
  }
}
