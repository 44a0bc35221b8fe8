package io.sparseplan.plans.pattern;

/**
 * How well each chunk of a video fits each query tile of one head: q̄·k̄, where q̄ is the mean of
 * the tile's rotated queries and k̄ that of the chunk's rotated keys (VMoBA's gate, arXiv
 * 2506.23858, §3.2, for a tile of queries at a time). What {@link VideoChunkTopK} and {@link
 * VideoChunkTopP} pick by.
 *
 * @param rows {@code [query tile][chunk]}
 */
public record ChunkScores(VideoChunks chunks, double[][] rows) {
  public ChunkScores {
    if (rows.length != chunks.grid().tiles()) {
      throw new IllegalArgumentException(
          "There are scores of %d query tiles; the grid has %d."
              .formatted(rows.length, chunks.grid().tiles()));
    }
    for (double[] row : rows) {
      if (row.length != chunks.count()) {
        throw new IllegalArgumentException(
            "There are scores of %d chunks; the video has %d."
                .formatted(row.length, chunks.count()));
      }
    }
  }
}
