package io.sparseplan.costmodel.runtime;

/**
 * What it costs beside the {@link IndexRule}'s own work to choose tiles at run time: the program on
 * the host, and the kernels that turn indices into tile lists. Heads of fixed patterns cost nothing
 * of it, as their tile lists are made once.
 *
 * @param launchesOfLayer kernels that are launched before the attention of a layer
 * @param layerMicros once for each layer that has such a head
 * @param headMicros once for each such head
 * @param source who measured it, or why it is zero
 */
public record Selection(int launchesOfLayer, double layerMicros, double headMicros, String source) {
  public Selection {
    if (launchesOfLayer < 0) {
      throw new IllegalArgumentException(
          "The launchesOfLayer (%d) must be zero or more.".formatted(launchesOfLayer));
    }
    requireTime("layerMicros", layerMicros);
    requireTime("headMicros", headMicros);
  }

  private static void requireTime(String name, double micros) {
    if (!(micros >= 0 && Double.isFinite(micros))) {
      throw new IllegalArgumentException(
          "The %s (%s) must be zero or more.".formatted(name, micros));
    }
  }
}
