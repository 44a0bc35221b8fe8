package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which keys a decode step reads, cut into chunks: one thread block computes one chunk for one
 * group of query heads.
 */
public final class DecodeWork implements AutoCloseable {
  /** The kernel's tile; larger ones are cut into these. */
  private static final int KERNEL_TILE = 64;

  private static final int CHUNK_FIELDS = 4;

  private final Tokens length;
  private final int chunkCount;
  private final int groupCount;
  private final GpuBuffer chunks;
  private final GpuBuffer keyTiles;
  private final GpuBuffer firstChunks;
  private final GpuBuffer partialOutputs;
  private final GpuBuffer partialMaxSums;

  /** Tiles of 64 tokens that one thread block reads. */
  public record ChunkTiles(int count) {
    public ChunkTiles {
      if (count < 1) {
        throw new IllegalArgumentException(
            "The chunk (%d tiles) must be positive.".formatted(count));
      }
    }
  }

  /**
   * One decode step of a batch of sequences, all as long.
   *
   * @param batch sequences
   * @param length keys of each sequence, the new token's own included
   * @param tile of the lists, a multiple of 64 tokens
   * @param keyTilesOfKvHead for each KV head the tiles that its queries visit, at least one
   */
  public record Step(
      int batch,
      AttentionShape attention,
      Tokens length,
      TileSize tile,
      List<int[]> keyTilesOfKvHead) {
    public Step {
      keyTilesOfKvHead = List.copyOf(keyTilesOfKvHead);
      if (tile.tokens() % KERNEL_TILE != 0) {
        throw new IllegalArgumentException(
            "The tile (%d tokens) must be a multiple of %d.".formatted(tile.tokens(), KERNEL_TILE));
      }
      if (keyTilesOfKvHead.size() != attention.kvHeads().count()) {
        throw new IllegalArgumentException(
            "There are tile lists of %d KV heads for %d."
                .formatted(keyTilesOfKvHead.size(), attention.kvHeads().count()));
      }
      int tiles = tile.tilesCovering(length.count());
      for (int[] list : keyTilesOfKvHead) {
        if (list.length == 0 || Arrays.stream(list).anyMatch(t -> t < 0 || t >= tiles)) {
          throw new IllegalArgumentException(
              "The tile list %s must name at least one of the %d tiles."
                  .formatted(Arrays.toString(list), tiles));
        }
      }
    }

    /** Tiles of the kernel's size that hold at least one key. */
    private int[] kernelTiles(int kvHead) {
      int parts = tile.tokens() / KERNEL_TILE;
      return Arrays.stream(keyTilesOfKvHead.get(kvHead))
          .flatMap(list -> IntStream.range(list * parts, (list + 1) * parts))
          .filter(part -> (long) part * KERNEL_TILE < length.count())
          .toArray();
    }
  }

  private DecodeWork(GpuSession gpu, Step step, SplitDecode.QueryGroup group, ChunkTiles chunk) {
    AttentionShape attention = step.attention();
    int kvHeads = attention.kvHeads().count();
    int groupsOfKvHead = attention.groupSize() / group.heads();
    List<int[]> tiles = IntStream.range(0, kvHeads).mapToObj(step::kernelTiles).toList();
    int[] firstTile = new int[kvHeads];
    for (int kvHead = 1; kvHead < kvHeads; kvHead++) {
      firstTile[kvHead] = firstTile[kvHead - 1] + tiles.get(kvHead - 1).length;
    }
    var fields = IntStream.builder();
    var firsts = IntStream.builder().add(0);
    int count = 0;
    for (int row = 0; row < step.batch() * kvHeads; row++) {
      int kvHead = row % kvHeads;
      int all = tiles.get(kvHead).length;
      for (int part = 0; part < groupsOfKvHead; part++) {
        for (int at = 0; at < all; at += chunk.count()) {
          fields
              .add(row)
              .add(firstTile[kvHead] + at)
              .add(Math.min(chunk.count(), all - at))
              .add(row * groupsOfKvHead + part);
          count++;
        }
        firsts.add(count);
      }
    }
    this.length = step.length();
    this.chunkCount = count;
    this.groupCount = step.batch() * kvHeads * groupsOfKvHead;
    this.chunks = gpu.allocate("the chunks", (long) Integer.BYTES * CHUNK_FIELDS * count);
    chunks.upload(fields.build().toArray());
    int[] allTiles = tiles.stream().flatMapToInt(Arrays::stream).toArray();
    this.keyTiles = gpu.allocate("the tile lists", (long) Integer.BYTES * allTiles.length);
    keyTiles.upload(allTiles);
    int[] first = firsts.build().toArray();
    this.firstChunks = gpu.allocate("the first chunks", (long) Integer.BYTES * first.length);
    firstChunks.upload(first);
    long rows = (long) count * group.heads();
    this.partialOutputs =
        gpu.allocate("the partial outputs", Float.BYTES * rows * attention.headDim().count());
    this.partialMaxSums = gpu.allocate("the partial sums", 2 * Float.BYTES * rows);
  }

  /**
   * @param kernel that will run it
   */
  public static DecodeWork upload(GpuSession gpu, Step step, SplitDecode kernel, ChunkTiles chunk) {
    return new DecodeWork(gpu, step, kernel.group(), chunk);
  }

  Tokens length() {
    return length;
  }

  int chunkCount() {
    return chunkCount;
  }

  /** Groups of query heads over the whole batch. */
  int groupCount() {
    return groupCount;
  }

  GpuBuffer chunks() {
    return chunks;
  }

  GpuBuffer keyTiles() {
    return keyTiles;
  }

  GpuBuffer firstChunks() {
    return firstChunks;
  }

  GpuBuffer partialOutputs() {
    return partialOutputs;
  }

  GpuBuffer partialMaxSums() {
    return partialMaxSums;
  }

  @Override
  public void close() {
    chunks.close();
    keyTiles.close();
    firstChunks.close();
    partialOutputs.close();
    partialMaxSums.close();
  }
}
