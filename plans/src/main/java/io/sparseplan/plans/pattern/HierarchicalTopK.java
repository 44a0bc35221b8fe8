package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;
import java.util.stream.Collectors;

/**
 * HiP's pruning in stages (arXiv 2406.09827; InfiniteHiP, arXiv 2502.08910, §3): each stage keeps
 * the best chunks of what the one before left, the last leaves {@code budget} tokens, and a sink
 * and a window are always read.
 *
 * @param stages from the coarsest, at least one
 * @param budget keys that the last stage leaves to each block of queries
 * @param window tokens before the query that are always read
 * @param sink tokens at the start that are always read
 */
public record HierarchicalTopK(
    @JsonProperty("stages") List<Stage> stages,
    @JsonProperty("budgetTokens") Tokens budget,
    @JsonProperty("windowTokens") Tokens window,
    @JsonProperty("sinkTokens") Tokens sink)
    implements DeclaredPattern {
  /**
   * One stage.
   *
   * @param queryBlock queries that choose together
   * @param queryStride one query in so many speaks for its block
   * @param chunk keys that are kept or dropped together
   * @param keep keys that the stage leaves at most; 0 where it does not say
   * @param keyStride one key in so many speaks for its chunk
   */
  public record Stage(
      @JsonProperty("queryBlockTokens") Tokens queryBlock,
      @JsonProperty("queryStrideTokens") Tokens queryStride,
      @JsonProperty("chunkTokens") Tokens chunk,
      @JsonProperty("keepTokens") Tokens keep,
      @JsonProperty("keyStrideTokens") Tokens keyStride) {
    public Stage {
      if (queryBlock.count() < 1
          || queryStride.count() < 1
          || chunk.count() < 1
          || keyStride.count() < 1) {
        throw new IllegalArgumentException(
            "The blocks (%s), strides (%s, %s) and chunks (%s) of a stage must be positive."
                .formatted(queryBlock, queryStride, keyStride, chunk));
      }
    }
  }

  public HierarchicalTopK {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("The stages are none.");
    }
    if (budget.count() < 1) {
      throw new IllegalArgumentException(
          "The budgetTokens (%s) must be positive.".formatted(budget));
    }
  }

  @Override
  public String needs() {
    return "the scores of single tokens that stand for chunks, stage by stage";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "hip%s:%s+s%s+w%s"
        .formatted(
            stages.stream()
                .map(
                    stage ->
                        "(%s/%s,%s/%s:%s)"
                            .formatted(
                                stage.queryBlock,
                                stage.queryStride,
                                stage.chunk,
                                stage.keyStride,
                                stage.keep))
                .collect(Collectors.joining()),
            budget,
            sink,
            window);
  }
}
