package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;

/**
 * SpargeAttn's selection (arXiv 2502.18137, §3, and its code): as {@link BlockTopP}, but a block
 * whose own vectors are not alike is never skipped, as its mean says little of it.
 *
 * <p>Query tile i that is not alike visits all tiles. Another visits its own tile (which the peer
 * may skip), every key tile that is not alike, and of the others those by falling share of the
 * softmax over them, as long as they have no more than {@code coverage}, at least one. Within the
 * kernel the peer also skips the product with V where a block's maximum lies far below the running
 * one; here it is computed, so that times are a little high and outputs a little better.
 *
 * @param coverage {@code cdfthreshd}: the share of the pooled weight to reach, 0..1
 * @param likeness {@code simthreshd1}: the mean cosine above which a block may be skipped, −1..1
 * @param valueLikeness {@code simthreshd2}, which the project keeps and its kernels do not read,
 *     −1..1
 * @param valueGap {@code pvthreshd}: how far below the running maximum V is skipped, in the
 *     exponent; at least 0
 */
public record SimilarityTopP(
    @JsonProperty("coverage") double coverage,
    @JsonProperty("likeness") double likeness,
    @JsonProperty("valueLikeness") double valueLikeness,
    @JsonProperty("valueGap") double valueGap)
    implements SelectedPattern {
  public SimilarityTopP {
    ElasticTokens.requireShare("coverage", coverage);
    requireCosine("likeness", likeness);
    requireCosine("valueLikeness", valueLikeness);
    if (!(valueGap >= 0 && Double.isFinite(valueGap))) {
      throw new IllegalArgumentException(
          "The valueGap (%s) must not be negative.".formatted(valueGap));
    }
  }

  private static void requireCosine(String name, double cosine) {
    if (!(cosine >= -1 && cosine <= 1)) {
      throw new IllegalArgumentException("The %s (%s) must be in −1..1.".formatted(name, cosine));
    }
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  /** The tiles that are visited. */
  public TileLists select(SimilarityScores scores) {
    return TileLists.of(scores.grid(), tile -> tiles(scores, tile));
  }

  private int[] tiles(SimilarityScores scores, int queryTile) {
    double[] row = scores.logits()[queryTile];
    TileGrid grid = scores.grid();
    boolean all = grid.holdsText(queryTile) || !(scores.likenessOfQueries()[queryTile] > likeness);
    var kept = new BitSet();
    var alike = new ArrayList<Integer>();
    double max = Double.NEGATIVE_INFINITY;
    for (int keyTile = 0; keyTile < row.length; keyTile++) {
      if (row[keyTile] == Double.NEGATIVE_INFINITY) {
        continue;
      }
      if (all || grid.holdsText(keyTile) || !(scores.likenessOfKeys()[keyTile] > likeness)) {
        kept.set(keyTile);
      } else {
        alike.add(keyTile);
        max = Math.max(max, row[keyTile]);
      }
    }
    alike.sort(Comparator.comparingDouble(keyTile -> -row[keyTile]));
    double sum = 0;
    for (int keyTile : alike) {
      sum += Math.exp(row[keyTile] - max);
    }
    double share = 0;
    for (int nth = 0; nth < alike.size(); nth++) {
      share += Math.exp(row[alike.get(nth)] - max) / sum;
      if (nth == 0 || share <= coverage) {
        kept.set(alike.get(nth));
      }
    }
    kept.set(queryTile);
    return kept.stream().toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "sim%s:%s:%s:%s"
        .formatted(
            ElasticTokens.number(coverage),
            ElasticTokens.number(likeness),
            ElasticTokens.number(valueLikeness),
            ElasticTokens.number(valueGap));
  }
}
