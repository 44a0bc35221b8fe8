package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;

/**
 * Queries and keys of like direction, and a sample of all others: HyperAttention (arXiv 2310.05869,
 * §2.1). Its runtime sorts both by a hash of the signs of some projections, lets blocks of the
 * sorted order see each other, and weighs sampled keys for what is left.
 *
 * @param projections whose signs are the hash, 1..30
 * @param bucket tokens of a block of the sorted order, at least one
 * @param sample keys that stand for all others; 0 for none
 */
public record HashBuckets(
    @JsonProperty("projections") int projections,
    @JsonProperty("bucketTokens") Tokens bucket,
    @JsonProperty("sampleTokens") Tokens sample)
    implements DeclaredPattern {
  private static final int MOST_PROJECTIONS = 30;

  public HashBuckets {
    if (projections < 1 || projections > MOST_PROJECTIONS) {
      throw new IllegalArgumentException(
          "The projections (%d) must be in 1..%d.".formatted(projections, MOST_PROJECTIONS));
    }
    if (bucket.count() < 1) {
      throw new IllegalArgumentException(
          "The bucketTokens (%s) must be positive.".formatted(bucket));
    }
  }

  @Override
  public String needs() {
    return "tokens sorted by their hashes, which tiles of the given order do not hold";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "lsh%d:%s+%s".formatted(projections, bucket, sample);
  }
}
