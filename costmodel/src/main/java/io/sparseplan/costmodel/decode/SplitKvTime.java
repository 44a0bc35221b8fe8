package io.sparseplan.costmodel.decode;

/**
 * The time of one decode step of one layer.
 *
 * <p>Idea: all running blocks wait for the same memory, so they progress at one common rate. Then
 * the order of events does not depend on that rate: list-schedule the blocks as if each were alone
 * ({@link SlotEnds}), and stretch the time between two events by what memory could not give. While
 * k blocks run they ask for w = k · bytes of a tile ÷ tile time; memory that gives at most B serves
 * 1 ÷ √(w⁻² + B⁻²), as two resistances in quadrature: about w far below B, about B far above, and
 * never more than either. So the bandwidth bound holds by construction.
 *
 * <p>The schedule of blocks is flash decoding's (arXiv 2311.01282): chunks of the keys, then one
 * merge.
 */
final class SplitKvTime {
  private SplitKvTime() {}

  static double micros(SplitKvLaunch launch, SplitKvConstants gpu, SplitKvKernel kernel) {
    double[] ends =
        ends(
            launch.tilesOfBlocks(),
            kernel.blocksEach() * gpu.multiprocessors(),
            kernel.blockMicros(),
            kernel.tileMicros());
    return micros(
        ends,
        launch.shape().bytesOfTile() / kernel.tileMicros(),
        launch.mostChunks(),
        gpu.launchMicros(),
        gpu.mergeMicros(),
        gpu.bytesPerMicro());
  }

  static double[] ends(int[] tilesOfBlocks, int slots, double blockMicros, double tileMicros) {
    double[] work = new double[tilesOfBlocks.length];
    for (int block = 0; block < work.length; block++) {
      work[block] = blockMicros + tilesOfBlocks[block] * tileMicros;
    }
    return SlotEnds.of(work, slots);
  }

  /**
   * @param ends of the slots, ascending, as if every block were alone
   * @param askedPerMicro bytes that one block asks for in a microsecond
   */
  static double micros(
      double[] ends,
      double askedPerMicro,
      int mostChunks,
      double launchMicros,
      double mergeMicros,
      double bytesPerMicro) {
    double elapsed = 0;
    double before = 0;
    for (int ended = 0; ended < ends.length; ended++) {
      double asked = (ends.length - ended) * askedPerMicro;
      elapsed += (ends[ended] - before) * Math.hypot(1, asked / bytesPerMicro);
      before = ends[ended];
    }
    return launchMicros + elapsed + mergeMicros * mostChunks;
  }
}
