package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.Visibility;
import java.util.Optional;

/**
 * How tokens lie in tiles.
 *
 * @param lengthMeans what N is in a pattern whose span grows with N
 * @param video what the places of tokens mean, where they are a video's
 */
public record Layout(
    Visibility visibility,
    @JsonProperty("tileTokens") TileSize tile,
    LengthMeans lengthMeans,
    Optional<VideoLayout> video) {
  /** What N counts. */
  public enum LengthMeans {
    /** The tokens of the prompt; it stays as it is while the answer grows. */
    @JsonProperty("prompt")
    PROMPT
  }

  public Layout {
    new TokenLayout(tile, visibility, video);
  }

  /** Of tokens one after the other. */
  public Layout(Visibility visibility, TileSize tile, LengthMeans lengthMeans) {
    this(visibility, tile, lengthMeans, Optional.empty());
  }

  /** That of a prompt. */
  public static Layout of(TokenLayout tokens) {
    return new Layout(tokens.visibility(), tokens.tile(), LengthMeans.PROMPT, tokens.video());
  }

  /** Without what N means. */
  public TokenLayout tokens() {
    return new TokenLayout(tile, visibility, video);
  }

  /** The tiles of a prompt of this length; see {@link TokenLayout#grid}. */
  public TileGrid grid(Tokens length) {
    return tokens().grid(length);
  }
}
