package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * SpargeAttn's selection (arXiv 2502.18137, §3): as {@link BlockTopP}, but a block whose own
 * vectors are not alike is never skipped, and within the kernel the product with V is skipped where
 * a block's maximum lies far below the running one.
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
    implements DeclaredPattern {
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

  @Override
  public String needs() {
    return "how alike the vectors of each block are, and the running maxima of its kernel";
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
