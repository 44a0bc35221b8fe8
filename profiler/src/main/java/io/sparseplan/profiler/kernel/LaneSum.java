package io.sparseplan.profiler.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The sum of a vector's lanes, in their order and in double. {@code reduceLanes} leaves the order
 * open, and interpreted and compiled code do differ: the same input would give other bytes from run
 * to run.
 */
public final class LaneSum {
  private LaneSum() {}

  /** Lane 0 + lane 1 + … */
  public static double of(FloatVector vector) {
    double sum = 0;
    for (float lane : vector.toArray()) {
      sum += lane;
    }
    return sum;
  }
}
