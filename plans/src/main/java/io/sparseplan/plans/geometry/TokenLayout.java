package io.sparseplan.plans.geometry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * How tokens lie in tiles, and which of them a query sees.
 *
 * @param video what the places of tokens mean, where they are a video's; then every key is seen
 */
public record TokenLayout(
    @JsonProperty("tileTokens") TileSize tile, Visibility visibility, Optional<VideoLayout> video) {
  public TokenLayout {
    requireFit(visibility, video);
  }

  static void requireFit(Visibility visibility, Optional<VideoLayout> video) {
    if (video.isPresent() && visibility != Visibility.BIDIRECTIONAL) {
      throw new IllegalArgumentException(
          "The visibility (%s) of a video must be BIDIRECTIONAL.".formatted(visibility));
    }
  }

  /** Tokens one after the other, as language models have them. */
  public static TokenLayout causal(TileSize tile) {
    return new TokenLayout(tile, Visibility.CAUSAL, Optional.empty());
  }

  /** Tokens one after the other, of which a query sees all. */
  public static TokenLayout bidirectional(TileSize tile) {
    return new TokenLayout(tile, Visibility.BIDIRECTIONAL, Optional.empty());
  }

  /** A video. */
  public static TokenLayout of(VideoLayout video, TileSize tile) {
    return new TokenLayout(tile, Visibility.BIDIRECTIONAL, Optional.of(video));
  }

  /**
   * The tiles of this many tokens.
   *
   * @throws io.sparseplan.plans.BadInputException if a video has another number of them
   */
  public TileGrid grid(Tokens length) {
    return new TileGrid(length, tile, visibility, video);
  }

  /** Such as {@code causal} or {@code video 18x24x24+64 in blocks of 2x8x8}. */
  public String text() {
    return video
        .map(layout -> "video " + layout)
        .orElse(visibility == Visibility.CAUSAL ? "causal" : "bidirectional");
  }
}
