package io.sparseplan.costmodel.runtime;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;

/**
 * Laying the tokens of a 3-D layout out tile by tile before attention, and back after it: Q, K and
 * V are read and written, and then the output is. The cost does not depend on any pattern.
 *
 * @param bandwidthShare what the copies get of the memory's published bandwidth, in (0, 1]
 * @param source who measured the share
 */
public record TokenPermutation(double bandwidthShare, String source) {
  private static final double BYTES_OF_BF16 = 2;

  public TokenPermutation {
    if (!(bandwidthShare > 0 && bandwidthShare <= 1)) {
      throw new IllegalArgumentException(
          "The bandwidthShare (%s) must be in (0, 1].".formatted(bandwidthShare));
    }
  }

  /**
   * The time of one layer in microseconds.
   *
   * @param batch prompts, or videos
   * @param bytesPerMicro the memory's published bandwidth
   */
  public double micros(AttentionShape attention, Tokens length, int batch, double bytesPerMicro) {
    double vectors = 2.0 * attention.queryHeads().count() + 2.0 * attention.kvHeads().count();
    double bytes =
        2 * batch * vectors * length.count() * attention.headDim().count() * BYTES_OF_BF16;
    return bytes / (bytesPerMicro * bandwidthShare);
  }
}
