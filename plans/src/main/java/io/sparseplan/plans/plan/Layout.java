package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;

/**
 * How tokens lie in tiles.
 *
 * @param lengthMeans what N is in a pattern whose span grows with N
 */
public record Layout(
    Visibility visibility, @JsonProperty("tileTokens") TileSize tile, LengthMeans lengthMeans) {
  /** What N counts. */
  public enum LengthMeans {
    /** The tokens of the prompt; it stays as it is while the answer grows. */
    @JsonProperty("prompt")
    PROMPT
  }

  /** The tiles of a prompt of this length. */
  public TileGrid grid(Tokens length) {
    return new TileGrid(length, tile, visibility);
  }
}
