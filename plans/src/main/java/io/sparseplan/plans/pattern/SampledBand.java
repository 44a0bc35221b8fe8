package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * The better of a {@link VideoBand} in either order, chosen in each step: Sparse VideoGen (arXiv
 * 2502.01776, §3.3). Its runtime computes some rows of exact attention and takes the band whose
 * output is nearer to it in the mean square.
 *
 * @param density the share of all pairs that a band has with the text beside it, above 0 and up to
 *     1
 * @param sampledRows how many rows it looks at, at least one
 * @param firstRows it draws them from so many rows at the start, at least one
 * @param firstFrame whether every query also sees the first frame, as for Wan
 */
public record SampledBand(
    @JsonProperty("density") double density,
    @JsonProperty("sampledRows") int sampledRows,
    @JsonProperty("firstRows") int firstRows,
    @JsonProperty("firstFrame") boolean firstFrame)
    implements DeclaredPattern {
  public SampledBand {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException(
          "The density (%s) must be above 0 and up to 1.".formatted(density));
    }
    if (sampledRows < 1 || firstRows < 1) {
      throw new IllegalArgumentException(
          "The sampledRows (%d) and the firstRows (%d) must be positive."
              .formatted(sampledRows, firstRows));
    }
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  @Override
  public String needs() {
    return "exact outputs of sampled rows in each step; a video_band of either order is what it chooses from";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "svg%s:%d/%d%s"
        .formatted(ElasticTokens.number(density), sampledRows, firstRows, firstFrame ? "+f0" : "");
  }
}
