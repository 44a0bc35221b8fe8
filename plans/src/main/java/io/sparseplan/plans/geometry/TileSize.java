package io.sparseplan.plans.geometry;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The side of a square tile in tokens: the unit that a block-sparse kernel skips. */
public record TileSize(@JsonValue int tokens) {
  /** The tile of FlexAttention, FlashAttention and of the shipped device tables. */
  public static final TileSize DEFAULT = new TileSize(128);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public TileSize {
    if (tokens < 1 || tokens > 4096) {
      throw new IllegalArgumentException(
          "The tile size (%d tokens) must be in 1..4096.".formatted(tokens));
    }
  }

  /** How many tiles cover {@code spanTokens}, the last one perhaps in part. */
  public int tilesCovering(long spanTokens) {
    return Math.toIntExact(Math.ceilDiv(spanTokens, (long) tokens));
  }
}
