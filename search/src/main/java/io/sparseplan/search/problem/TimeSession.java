package io.sparseplan.search.problem;

/**
 * Simulated times for one of several threads that look into the same problem. What it returns and
 * how much it simulates do not depend on the other threads.
 */
public final class TimeSession {
  private final LayerTimes.Session times;
  private final LayerTimes.Session least;

  TimeSession(LayerTimes.Session times, LayerTimes.Session least) {
    this.times = times;
    this.least = least;
  }

  /** As {@link SearchProblem#times}. */
  public double[] micros(int[] candidateOfHead) {
    return times.micros(candidateOfHead);
  }

  /** As {@link SearchProblem#leastTimes}. */
  public double[] leastMicros(int[] candidateOfHead) {
    return least.micros(candidateOfHead);
  }

  /** How often a layer was simulated in this session. */
  public long simulations() {
    return times.simulations() + (least == times ? 0 : least.simulations());
  }

  LayerTimes.Session times() {
    return times;
  }

  LayerTimes.Session least() {
    return least;
  }
}
