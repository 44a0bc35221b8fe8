package io.sparseplan.costmodel.decode;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One decode step of one layer: for each sequence of the batch and each KV head, a list of key
 * tiles, cut into chunks of which each is a thread block.
 *
 * @param visitedTiles tiles that each KV head visits, at least one each: the union over its query
 *     heads
 * @param chunkTiles the most tiles of one block
 */
public record SplitKvLaunch(
    SplitKvShape shape, Batch batch, List<Integer> visitedTiles, ChunkTiles chunkTiles) {
  /** Sequences that are decoded together. */
  public record Batch(int sequences) {
    public Batch {
      if (sequences < 1) {
        throw new IllegalArgumentException(
            "The batch (%d sequences) must be positive.".formatted(sequences));
      }
    }
  }

  /** The most tiles of one block. */
  public record ChunkTiles(int count) {
    public ChunkTiles {
      if (count < 1) {
        throw new IllegalArgumentException(
            "The tiles of a chunk (%d) must be positive.".formatted(count));
      }
    }
  }

  public SplitKvLaunch {
    visitedTiles = List.copyOf(visitedTiles);
    if (visitedTiles.isEmpty()) {
      throw new IllegalArgumentException("The launch has no KV heads.");
    }
    for (int tiles : visitedTiles) {
      if (tiles < 1) {
        throw new IllegalArgumentException(
            "A KV head visits %d tiles; it must visit at least one.".formatted(tiles));
      }
    }
  }

  /**
   * Tiles of every thread block in launch order: sequence by sequence, then KV head, then chunk.
   */
  int[] tilesOfBlocks() {
    int[] ofSequence = visitedTiles.stream().flatMapToInt(this::chunksOf).toArray();
    int[] all = new int[Math.multiplyExact(ofSequence.length, batch.sequences)];
    for (int at = 0; at < all.length; at++) {
      all[at] = ofSequence[at % ofSequence.length];
    }
    return all;
  }

  private IntStream chunksOf(int tiles) {
    int most = chunkTiles.count;
    return IntStream.range(0, Math.ceilDiv(tiles, most))
        .map(chunk -> Math.min(most, tiles - chunk * most));
  }

  /** Thread blocks of the launch. */
  public long blocks() {
    return visitedTiles.stream().mapToLong(tiles -> Math.ceilDiv(tiles, chunkTiles.count)).sum()
        * batch.sequences;
  }

  /** Chunks of the KV head that has most. */
  int mostChunks() {
    return visitedTiles.stream()
        .mapToInt(tiles -> Math.ceilDiv(tiles, chunkTiles.count))
        .max()
        .orElseThrow();
  }

  /** Bytes of keys and values that the launch reads. */
  public long bytes() {
    return visitedTiles.stream().mapToLong(Integer::longValue).sum()
        * batch.sequences
        * shape.bytesOfTile();
  }
}
