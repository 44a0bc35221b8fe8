package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * The heads of one attention layer. Query head h reads key-value head {@code h ÷ groupSize}.
 *
 * @throws IllegalArgumentException if the key-value heads do not divide the query heads
 */
public record AttentionShape(QueryHeads queryHeads, KvHeads kvHeads, HeadDim headDim) {
  public AttentionShape {
    if (queryHeads.count() % kvHeads.count() != 0) {
      throw new IllegalArgumentException(
          "The kvHeads (%d) must divide the queryHeads (%d)."
              .formatted(kvHeads.count(), queryHeads.count()));
    }
  }

  /** Query heads that share one key-value head. */
  @JsonIgnore
  public int groupSize() {
    return queryHeads.count() / kvHeads.count();
  }

  /** Width of the query projection, and of the attention output. */
  @JsonIgnore
  public int queryWidth() {
    return queryHeads.count() * headDim.count();
  }

  /** Width of the key projection, and of the value projection. */
  @JsonIgnore
  public int kvWidth() {
    return kvHeads.count() * headDim.count();
  }
}
