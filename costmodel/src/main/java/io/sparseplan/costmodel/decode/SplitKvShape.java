package io.sparseplan.costmodel.decode;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;

/**
 * What a split-KV kernel is compiled for.
 *
 * @param queryHeadsOfKvHead query heads that share a KV head, and are computed by one block
 * @param tile the keys that are visited or skipped together
 */
public record SplitKvShape(
    HeadDim headDim, int queryHeadsOfKvHead, @JsonProperty("tileTokens") TileSize tile) {
  private static final int BYTES_OF_BF16 = 2;

  public SplitKvShape {
    if (queryHeadsOfKvHead < 1) {
      throw new IllegalArgumentException(
          "The queryHeadsOfKvHead (%d) must be positive.".formatted(queryHeadsOfKvHead));
    }
  }

  /** Bytes of keys and values in one tile of one KV head. */
  public long bytesOfTile() {
    return 2L * tile.tokens() * headDim.count() * BYTES_OF_BF16;
  }
}
