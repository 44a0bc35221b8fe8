package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import java.util.stream.IntStream;

/**
 * NVIDIA's skip-softmax (BLASST, arXiv 2512.12087): all scores are computed, and a tile's softmax
 * and product with V are skipped where its maximum lies so far below the running one that e to the
 * difference is less than λ = a·e^(b·s) ÷ N, for N tokens of keys and a wanted share s of skipped
 * tiles.
 *
 * <p>Key tiles are taken from the first to the last, as in Model-Optimizer's calibration, which
 * takes the running maximum over the tile itself too. A tile is skipped where that holds for all
 * its rows. λ counts as 1 at most: a tile that raises a row's maximum is never skipped. What is
 * skipped still costs its scores, half of a tile's matrix products.
 *
 * @param scale a, positive
 * @param growth b, at least 0
 * @param skipped s, 0..1
 */
public record SkipSoftmax(
    @JsonProperty("scale") double scale,
    @JsonProperty("growth") double growth,
    @JsonProperty("skipped") double skipped)
    implements SelectedPattern {
  public SkipSoftmax {
    if (!(scale > 0 && Double.isFinite(scale) && growth >= 0 && Double.isFinite(growth))) {
      throw new IllegalArgumentException(
          "The scale (%s) must be positive and the growth (%s) not negative."
              .formatted(scale, growth));
    }
    ElasticTokens.requireShare("skipped", skipped);
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  /** The tiles whose softmax is computed. */
  public TileLists select(RunningGaps gaps) {
    double logThreshold =
        Math.min(0, Math.log(scale) + growth * skipped - Math.log(gaps.grid().length().count()));
    return TileLists.of(
        gaps.grid(),
        queryTile -> {
          double[] row = gaps.rows()[queryTile];
          return IntStream.range(0, row.length)
              .filter(keyTile -> row[keyTile] >= logThreshold)
              .toArray();
        });
  }

  @JsonIgnore
  @Override
  public String label() {
    return "skip%s:%s:%s"
        .formatted(
            ElasticTokens.number(skipped),
            ElasticTokens.number(scale),
            ElasticTokens.number(growth));
  }
}
