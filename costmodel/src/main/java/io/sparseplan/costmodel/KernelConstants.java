package io.sparseplan.costmodel;

/**
 * What one launch of an attention kernel is made of: {@code launchMicros} once, and one thread
 * block for each query tile of each head, of {@code blockMicros + visited tiles · tileMicros +
 * partial tiles · partialMicros}. The first blocks start {@code startMicros} apart, until every
 * slot has one. All times are in microseconds, with every slot busy.
 *
 * @param launchMicros from the launch until the first block starts, and from the end of the last
 *     block until the launch is over
 * @param startMicros between the starts of two blocks while the GPU fills up
 * @param blockMicros a block before its first tile and after its last: loading the queries, reading
 *     the tile list, filling and draining the pipeline, storing the output
 * @param tileMicros one key tile: loading K and V, two matrix products and the softmax between them
 * @param partialMicros what a tile costs more whose entries are not all visible: the mask itself,
 *     and a loop of its own, which such tiles have in FlexAttention
 */
public record KernelConstants(
    Occupancy occupancy,
    double launchMicros,
    double startMicros,
    double blockMicros,
    double tileMicros,
    double partialMicros) {
  public KernelConstants {
    requireTime("launchMicros", launchMicros);
    requireTime("startMicros", startMicros);
    requireTime("blockMicros", blockMicros);
    requireTime("tileMicros", tileMicros);
    requireTime("partialMicros", partialMicros);
  }

  private static void requireTime(String name, double micros) {
    if (!(micros >= 0 && Double.isFinite(micros))) {
      throw new IllegalArgumentException(
          "The %s (%s) must be zero or more.".formatted(name, micros));
    }
  }
}
