package io.sparseplan.profiler.capture;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a token's place means, and which keys a query sees. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CaptureLayout.Causal.class, name = "causal"),
  @JsonSubTypes.Type(value = CaptureLayout.Bidirectional.class, name = "bidirectional"),
  @JsonSubTypes.Type(value = CaptureLayout.Video.class, name = "video")
})
sealed interface CaptureLayout {
  /** One after the other; a query sees the keys up to itself. */
  record Causal() implements CaptureLayout {
    @Override
    public String toString() {
      return "causal";
    }
  }

  /** One after the other; a query sees every key. */
  record Bidirectional() implements CaptureLayout {
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
