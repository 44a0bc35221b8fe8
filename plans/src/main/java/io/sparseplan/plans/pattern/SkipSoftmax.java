package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * NVIDIA's skip-softmax (BLASST, arXiv 2512.12087): all scores are computed, and a tile's softmax
 * and product with V are skipped where its maximum lies so far below the running one that e to the
 * difference is less than λ = a·e^(b·s) ÷ N, for N tokens of keys and a wanted share s of skipped
 * tiles.
 *
 * @param scale a, positive
 * @param growth b, at least 0
 * @param skipped s, 0..1
 */
public record SkipSoftmax(
    @JsonProperty("scale") double scale,
    @JsonProperty("growth") double growth,
    @JsonProperty("skipped") double skipped)
    implements DeclaredPattern {
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

  @Override
  public String needs() {
    return "the running maxima of its kernel, tile by tile";
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
