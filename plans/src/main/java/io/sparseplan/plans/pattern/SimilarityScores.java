package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * What SpargeAttn's rule reads of one head (arXiv 2502.18137, §3.2): pooled logits, and how alike
 * the vectors of each tile are. What {@link SimilarityTopP} picks by.
 *
 * @param logits q̄·k̄ ÷ √headDim of the means of a query tile and a key tile, {@code [query
 *     tile][visible key tile]}; −∞ where no query of the tile may see a key of the other
 * @param likenessOfQueries the mean cosine of all pairs of a tile's queries, each with itself too,
 *     −1..1
 * @param likenessOfKeys the same of keys, less the mean of all keys
 */
public record SimilarityScores(
    TileGrid grid, double[][] logits, double[] likenessOfQueries, double[] likenessOfKeys) {
  public SimilarityScores {
    if (logits.length != grid.tiles()
        || likenessOfQueries.length != grid.tiles()
        || likenessOfKeys.length != grid.tiles()) {
      throw new IllegalArgumentException(
          "There are scores of %d query tiles and likenesses of %d and %d; the grid has %d."
              .formatted(
                  logits.length, likenessOfQueries.length, likenessOfKeys.length, grid.tiles()));
    }
    for (int queryTile = 0; queryTile < logits.length; queryTile++) {
      if (logits[queryTile].length != grid.lastVisibleKeyTile(queryTile) + 1) {
        throw new IllegalArgumentException(
            "Query tile %d has scores of %d key tiles; it sees %d."
                .formatted(
                    queryTile, logits[queryTile].length, grid.lastVisibleKeyTile(queryTile) + 1));
      }
    }
  }
}
