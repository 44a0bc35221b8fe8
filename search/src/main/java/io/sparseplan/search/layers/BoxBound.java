package io.sparseplan.search.layers;

import io.sparseplan.search.problem.LayerPrices;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.problem.TimeSession;
import java.util.Optional;

/**
 * Bounds the priced value (loss + price of what is used up) of the tuples of a box from below.
 *
 * <p>At each length a layer's time is at least the launch and the evenly spread work of its heads,
 * and at least the {@link LayerPrices#leastMicros} of a tuple that is never slower than any of the
 * box ({@link FastestOf}). Whichever is chosen for each length, the sum of losses and prices
 * separates into heads and its least value is a bound. The choice starts with the work everywhere
 * and changes where the other time exceeds the work of the best tuple so far.
 */
final class BoxBound {
  private static final int MOST_PASSES = 3;

  private final SearchProblem problem;
  private final TimeSession times;
  private final LayerOptions options;
  private final Tariff tariff;

  BoxBound(SearchProblem problem, TimeSession times, LayerOptions options, Tariff tariff) {
    this.problem = problem;
    this.times = times;
    this.options = options;
    this.tariff = tariff;
  }

  Box of(int[] low, int[] high) {
    int lengths = problem.prices().lengths();
    double[] fastestMicros =
        fastest(low, high).map(times::leastMicros).orElseGet(() -> new double[lengths]);
    boolean[] byWork = new boolean[lengths];
    for (int n = 0; n < lengths; n++) {
      byWork[n] = tariff.lossPerMicro()[n] > 0;
    }
    int[] favourite = new int[low.length];
    double bound = separated(low, high, byWork, fastestMicros, favourite);
    int[] best = favourite.clone();
    for (int pass = 1; pass < MOST_PASSES; pass++) {
      boolean changed = false;
      for (int n = 0; n < lengths; n++) {
        if (tariff.lossPerMicro()[n] > 0) {
          boolean work = workMicros(best, n) >= fastestMicros[n];
          changed |= work != byWork[n];
          byWork[n] = work;
        }
      }
      if (!changed) {
        break;
      }
      bound = Math.max(bound, separated(low, high, byWork, fastestMicros, best));
    }
    return new Box(options, low, high, favourite, bound);
  }

  private Optional<int[]> fastest(int[] low, int[] high) {
    int[] tuple = new int[low.length];
    for (int head = 0; head < tuple.length; head++) {
      tuple[head] = options.fastest()[head].of(low[head], high[head]);
      if (tuple[head] == FastestOf.NONE) {
        return Optional.empty();
      }
    }
    return Optional.of(tuple);
  }

  private double workMicros(int[] rank, int length) {
    double micros = problem.prices().launchMicros();
    for (int head = 0; head < rank.length; head++) {
      micros += problem.prices().headWorkMicros(length, options.candidate()[head][rank[head]]);
    }
    return micros;
  }

  private double separated(
      int[] low, int[] high, boolean[] byWork, double[] fastestMicros, int[] best) {
    LayerPrices prices = problem.prices();
    double value = 0;
    for (int n = 0; n < byWork.length; n++) {
      value += tariff.lossPerMicro()[n] * (byWork[n] ? prices.launchMicros() : fastestMicros[n]);
    }
    for (int head = 0; head < low.length; head++) {
      double least = Double.POSITIVE_INFINITY;
      for (int rank = low[head]; rank <= high[head]; rank++) {
        int candidate = options.candidate()[head][rank];
        double priced =
            options.lossAndChanges(tariff, head, rank) + tariff.lossOfCandidate()[candidate];
        for (int n = 0; n < byWork.length; n++) {
          if (byWork[n]) {
            priced += tariff.lossPerMicro()[n] * prices.headWorkMicros(n, candidate);
          }
        }
        if (priced < least) {
          least = priced;
          best[head] = rank;
        }
      }
      value += least;
    }
    return value;
  }
}
