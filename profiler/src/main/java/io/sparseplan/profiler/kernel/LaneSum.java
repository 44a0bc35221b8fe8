package io.sparseplan.profiler.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * Adds up a row of floats so that the bits depend on nothing but the floats. Sixteen sums, each of
 * every sixteenth float, are kept in lanes and added up in double, in their order. With narrower
 * vectors the row is read several times, the sums of a few lanes at a time:
 *
 * <pre>{@code
 * double sum = 0;
 * for (int first = 0; first < FloatLanes.WIDEST; first += LANES) {
 *   FloatVector lanes = FloatVector.zero(SPECIES);
 *   for (int i = first; i < FloatLanes.bound(length); i += FloatLanes.WIDEST) {
 *     lanes = lanes.add(…);
 *   }
 *   sum = LaneSum.add(sum, lanes);
 * }
 * }</pre>
 *
 * {@code reduceLanes} would not do: it leaves the order open, and interpreted and compiled code do
 * differ, so that the same input would give other bytes from run to run.
 */
public final class LaneSum {
  private LaneSum() {}

  /** {@code sum} + lane 0 + lane 1 + … */
  public static double add(double sum, FloatVector vector) {
    double all = sum;
    for (float lane : vector.toArray()) {
      all += lane;
    }
    return all;
  }
}
