package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * Clusters of queries that see the clusters of keys nearest to them: Sparse VideoGen 2's
 * semantic-aware permutation (arXiv 2505.18875, §4), and before it the Routing Transformer (arXiv
 * 2003.05997). Its runtime permutes the tokens by cluster and keeps, for each cluster of queries,
 * the clusters of keys that come to a share of the softmax over centroids, weighted by size.
 *
 * @param queryClusters how many clusters of queries, at least one
 * @param keyClusters how many clusters of keys, at least one
 * @param coverage the share to reach, 0..1
 * @param leastShare of the key clusters that every cluster of queries keeps, 0..1
 * @param rounds of k-means in the first sparse step and in each later one
 */
public record ClusterTopP(
    @JsonProperty("queryClusters") int queryClusters,
    @JsonProperty("keyClusters") int keyClusters,
    @JsonProperty("coverage") double coverage,
    @JsonProperty("leastShare") double leastShare,
    @JsonProperty("rounds") Rounds rounds)
    implements DeclaredPattern {
  /**
   * How often k-means goes over all tokens.
   *
   * @param first in the first step
   * @param later in each step after it, from the centroids of the one before
   * @param fromStepZero whether dense steps at the start already count as first
   */
  public record Rounds(
      @JsonProperty("first") int first,
      @JsonProperty("later") int later,
      @JsonProperty("fromStepZero") boolean fromStepZero) {
    public Rounds {
      if (first < 0 || later < 0) {
        throw new IllegalArgumentException(
            "The rounds (%d, then %d) must not be negative.".formatted(first, later));
      }
    }
  }

  public ClusterTopP {
    if (queryClusters < 1 || keyClusters < 1) {
      throw new IllegalArgumentException(
          "The queryClusters (%d) and the keyClusters (%d) must be positive."
              .formatted(queryClusters, keyClusters));
    }
    ElasticTokens.requireShare("coverage", coverage);
    ElasticTokens.requireShare("leastShare", leastShare);
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  @Override
  public String needs() {
    return "tokens permuted by their clusters, which tiles of the given order do not hold";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "clusters%dx%d:%s%s@%d+%d%s"
        .formatted(
            queryClusters,
            keyClusters,
            ElasticTokens.number(coverage),
            leastShare > 0 ? "/" + ElasticTokens.number(leastShare) : "",
            rounds.first,
            rounds.later,
            rounds.fromStepZero ? "z" : "");
  }
}
