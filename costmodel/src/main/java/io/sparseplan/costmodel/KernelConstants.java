package io.sparseplan.costmodel;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.sparseplan.plans.geometry.Visibility;

/**
 * What one launch of an attention kernel is made of: {@code launchMicros} once, and one thread
 * block for each query tile of each head, of {@code blockMicros + visited tiles · tileMicros +
 * partial tiles · partialMicros}, and {@code fullMicros} if some visited tile is not partial. The
 * first blocks start {@code startMicros} apart, until every slot has one. All times are in
 * microseconds, with every slot busy and no other block waiting for memory.
 *
 * @param launchMicros from the launch until the first block starts, and from the end of the last
 *     block until the launch is over
 * @param startMicros between the starts of two blocks while the GPU fills up
 * @param loadMicros what the memory takes to bring one block its first data, with nothing else to
 *     do; a part of blockMicros. Blocks that start together share the memory and wait longer. Zero
 *     where several blocks share a multiprocessor: there one computes while another waits
 * @param cachedLoadMicros what the second-level cache takes for the same, at most loadMicros
 * @param blockMicros a block before its first tile and after its last: loading the queries, reading
 *     the tile list, filling and draining the pipeline, storing the output
 * @param hiddenMicros what a block waits longer beside its tiles than blockMicros: its neighbours
 *     compute meanwhile, so it costs nothing while every place is taken, but no empty place makes a
 *     block faster before its latency, blockMicros + hiddenMicros, is over
 * @param tileMicros one key tile: loading K and V, two matrix products and the softmax between them
 * @param partialMicros what a tile costs more whose entries are not all visible: the mask itself,
 *     and a loop of its own, which such tiles have in FlexAttention
 * @param fullMicros what a block costs more that visits tiles whose entries are all visible:
 *     filling the pipeline of their loop
 * @param bidirectionalMicros what a tile costs more in a launch without a causal mask, for which
 *     FlexAttention compiles other code: an H100 takes 1 to 2 % longer with that code over the very
 *     same tiles
 */
public record KernelConstants(
    Occupancy occupancy,
    double launchMicros,
    double startMicros,
    double loadMicros,
    double cachedLoadMicros,
    double blockMicros,
    double hiddenMicros,
    double tileMicros,
    double partialMicros,
    double fullMicros,
    double bidirectionalMicros) {
  /** Of a block's first data, one tile each of Q, K and V. */
  private static final double KEYS_AND_VALUES = 2.0 / 3;

  public KernelConstants {
    requireTime("launchMicros", launchMicros);
    requireTime("startMicros", startMicros);
    requireTime("loadMicros", loadMicros);
    requireTime("cachedLoadMicros", cachedLoadMicros);
    requireTime("blockMicros", blockMicros);
    requireTime("hiddenMicros", hiddenMicros);
    requireTime("tileMicros", tileMicros);
    requireTime("partialMicros", partialMicros);
    requireTime("fullMicros", fullMicros);
    requireTime("bidirectionalMicros", bidirectionalMicros);
    if (cachedLoadMicros > loadMicros) {
      throw new IllegalArgumentException(
          "The cachedLoadMicros (%s) must be at most the loadMicros (%s): no cache is slower than the memory behind it."
              .formatted(cachedLoadMicros, loadMicros));
    }
    if (loadMicros > blockMicros) {
      throw new IllegalArgumentException(
          "The loadMicros (%s) must be at most the blockMicros (%s), of which they are a part."
              .formatted(loadMicros, blockMicros));
    }
    if (loadMicros > 0 && startMicros * occupancy.slots() > blockMicros) {
      throw new IllegalArgumentException(
          ("The startMicros (%s) of %d slots must be at most the blockMicros (%s), so that every"
                  + " first block waits for memory before any second one.")
              .formatted(startMicros, occupancy.slots(), blockMicros));
    }
    if (loadMicros > 0 && occupancy.blocksEach() > 1) {
      throw new IllegalArgumentException(
          "The loadMicros (%s) must be zero where %d blocks share a multiprocessor."
              .formatted(loadMicros, occupancy.blocksEach()));
    }
  }

  /**
   * Of a kernel whose blocks never wait for memory nor hide any wait, whose full tiles need no
   * loop, and which is the same code with and without a mask.
   */
  public KernelConstants(
      Occupancy occupancy,
      double launchMicros,
      double startMicros,
      double blockMicros,
      double tileMicros,
      double partialMicros) {
    this(
        occupancy,
        launchMicros,
        startMicros,
        0,
        0,
        blockMicros,
        0,
        tileMicros,
        partialMicros,
        0,
        0);
  }

  /** The same constants of the code that launches of this visibility run. */
  public KernelConstants compiledFor(Visibility visibility) {
    double tile =
        switch (visibility) {
          case CAUSAL -> tileMicros;
          case BIDIRECTIONAL -> tileMicros + bidirectionalMicros;
        };
    return new KernelConstants(
        occupancy,
        launchMicros,
        startMicros,
        loadMicros,
        cachedLoadMicros,
        blockMicros,
        hiddenMicros,
        tile,
        partialMicros,
        fullMicros,
        0);
  }

  /**
   * What a launch is made of that reads these tensors: its blocks' first data come from the cache
   * as far as it holds the tensors. What it misses comes from memory: queries, and keys and values
   * for the first query head that reads them; the others of its group find them in the cache.
   *
   * @param cacheMegabytes size of the second-level cache
   * @return the same constants with the one load that every block of the launch waits for
   */
  public KernelConstants reading(LaunchTensors tensors, double cacheMegabytes) {
    double fromMemory =
        tensors.missedShare(cacheMegabytes) * (1 - KEYS_AND_VALUES * (1 - tensors.firstReaders()));
    double load = cachedLoadMicros + fromMemory * (loadMicros - cachedLoadMicros);
    return new KernelConstants(
        occupancy,
        launchMicros,
        startMicros,
        load,
        load,
        blockMicros,
        hiddenMicros,
        tileMicros,
        partialMicros,
        fullMicros,
        bidirectionalMicros);
  }

  /** How long a block takes beside its tiles, however empty its multiprocessor is. */
  double latencyMicros() {
    return blockMicros + hiddenMicros;
  }

  /**
   * Whether a launch never ends earlier when some of its blocks are longer. It may where blocks
   * share a multiprocessor or wait for memory together: longer blocks can be out of step.
   */
  @JsonIgnore
  public boolean isMonotone() {
    return occupancy.aloneSpeedup() == 1 && loadMicros == 0;
  }

  private static void requireTime(String name, double micros) {
    if (!(micros >= 0 && Double.isFinite(micros))) {
      throw new IllegalArgumentException(
          "The %s (%s) must be zero or more.".formatted(name, micros));
    }
  }
}
