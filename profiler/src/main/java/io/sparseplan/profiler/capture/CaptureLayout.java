package io.sparseplan.profiler.capture;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.Optional;

/** What a token's place means, and which keys a query sees. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CaptureLayout.Causal.class, name = "causal"),
  @JsonSubTypes.Type(value = CaptureLayout.Bidirectional.class, name = "bidirectional"),
  @JsonSubTypes.Type(value = CaptureLayout.Video.class, name = "video")
})
sealed interface CaptureLayout {
  /**
   * The order in which the tokens are cut into tiles.
   *
   * @param block of a video; empty for {@link VideoLayout#USUAL_BLOCK}, or as much of it as the
   *     video has
   * @throws BadInputException if there is a block and no video, or the block is larger than it
   */
  TokenLayout tokens(TileSize tile, Optional<Extents> block);

  /** Where the capture has the token at a place of that order. */
  default int captured(int place, TokenLayout layout) {
    return place;
  }

  private static void requireNoBlock(CaptureLayout layout, Optional<Extents> block) {
    if (block.isPresent()) {
      throw new BadInputException(
          "The block (%s) is of videos; the capture is %s.".formatted(block.get().text(), layout),
          "leave it out.");
    }
  }

  /** One after the other; a query sees the keys up to itself. */
  record Causal() implements CaptureLayout {
    @Override
    public TokenLayout tokens(TileSize tile, Optional<Extents> block) {
      requireNoBlock(this, block);
      return TokenLayout.causal(tile);
    }

    @Override
    public String toString() {
      return "causal";
    }
  }

  /** One after the other; a query sees every key. */
  record Bidirectional() implements CaptureLayout {
    @Override
    public TokenLayout tokens(TileSize tile, Optional<Extents> block) {
      requireNoBlock(this, block);
      return TokenLayout.bidirectional(tile);
    }

    @Override
    public String toString() {
      return "bidirectional";
    }
  }

  /**
   * A video, frame by frame, each row by row, and text before or after it; a query sees every key.
   */
  record Video(int frames, int height, int width, int textTokens, TextPlace text)
      implements CaptureLayout {
    public Video {
      if (frames < 1 || height < 1 || width < 1 || textTokens < 0) {
        throw new IllegalArgumentException(
            "The video (%d × %d × %d and %d of text) must have tokens."
                .formatted(frames, height, width, textTokens));
      }
    }

    /** Tokens of video and text. */
    long tokens() {
      return (long) frames * height * width + textTokens;
    }

    private Extents extents() {
      return new Extents(frames, height, width);
    }

    @Override
    public TokenLayout tokens(TileSize tile, Optional<Extents> block) {
      Extents blocks = block.orElse(extents().atMost(VideoLayout.USUAL_BLOCK));
      if (blocks.frames() > frames || blocks.height() > height || blocks.width() > width) {
        throw new BadInputException(
            "The block (%s) is larger than the video, %s."
                .formatted(blocks.text(), extents().text()),
            "give a smaller one.");
      }
      return TokenLayout.of(new VideoLayout(extents(), Tokens.of(textTokens), blocks), tile);
    }

    @Override
    public int captured(int place, TokenLayout layout) {
      VideoLayout video = layout.video().orElseThrow();
      if (video.isText(place)) {
        return text == TextPlace.LAST ? place : place - extents().tokens();
      }
      return video.frameMajor(video.at(place)) + (text == TextPlace.FIRST ? textTokens : 0);
    }

    @Override
    public String toString() {
      return "of video, %d × %d × %d and %d of text".formatted(frames, height, width, textTokens);
    }
  }

  /** Where the text lies. */
  enum TextPlace {
    @JsonProperty("first")
    FIRST,
    @JsonProperty("last")
    LAST
  }
}
