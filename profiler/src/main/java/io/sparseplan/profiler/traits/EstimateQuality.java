package io.sparseplan.profiler.traits;

import static io.sparseplan.plans.profile.AntidiagonalEstimate.MASS_SHARE;

import io.sparseplan.plans.profile.AntidiagonalEstimate;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Compares an estimate of a head's blocks with their true weights, in the two ways that XAttention
 * uses one: the threshold that its calibration would set, and what its selection keeps.
 */
final class EstimateQuality {
  private EstimateQuality() {}

  /**
   * @param estimate {@code [query tile][key tile]}, not negative
   * @param mass the true weights, likewise
   */
  static AntidiagonalEstimate of(double[][] estimate, double[][] mass) {
    double keptMass = 0;
    double allMass = 0;
    long keptBlocks = 0;
    long allBlocks = 0;
    double neededEstimate = 0;
    double allEstimate = 0;
    for (int queryTile = 0; queryTile < mass.length; queryTile++) {
      double[] ofRow = estimate[queryTile];
      for (int keyTile : selected(ofRow)) {
        keptMass += mass[queryTile][keyTile];
        keptBlocks++;
      }
      allMass += sum(mass[queryTile]);
      allBlocks += mass[queryTile].length;
      double least = leastNeeded(ofRow, mass[queryTile]);
      for (double block : ofRow) {
        neededEstimate += block >= least ? block : 0;
        allEstimate += block;
      }
    }
    return new AntidiagonalEstimate(
        (float) (neededEstimate / allEstimate),
        (float) (keptMass / allMass),
        (float) keptBlocks / allBlocks);
  }

  /**
   * The blocks that XAttention visits: the first and the query's own, then the largest, while what
   * is before a block in that order holds less than the share.
   */
  private static int[] selected(double[] estimate) {
    int own = estimate.length - 1;
    double wanted = MASS_SHARE * sum(estimate);
    var forced = new BitSet();
    forced.set(0);
    forced.set(own);
    double held = forced.stream().mapToDouble(block -> estimate[block]).sum();
    var chosen = (BitSet) forced.clone();
    for (int block : largestFirst(estimate)) {
      if (!forced.get(block)) {
        if (held >= wanted) {
          break;
        }
        chosen.set(block);
        held += estimate[block];
      }
    }
    return chosen.stream().toArray();
  }

  /** The smallest estimate among the fewest blocks that hold the share of the true weight. */
  private static double leastNeeded(double[] estimate, double[] mass) {
    double wanted = MASS_SHARE * sum(mass);
    double held = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int block : largestFirst(mass)) {
      if (held >= wanted) {
        break;
      }
      held += mass[block];
      least = Math.min(least, estimate[block]);
    }
    return least;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  /** Places by value, the largest first; of equals the first. */
  static int[] largestFirst(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer place) -> -values[place]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
