package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Some query heads of a model: one ({@code L3.H5}), all of a layer ({@code L3}), or the same of
 * every layer ({@code *.H5}).
 */
public record HeadSelector(Optional<LayerIndex> layer, Optional<HeadIndex> head) {
  private static final Pattern TEXT = Pattern.compile("(?:L(\\d{1,9})|\\*)(?:\\.H(\\d{1,9}))?");

  public HeadSelector {
    if (layer.isEmpty() && head.isEmpty()) {
      throw new IllegalArgumentException("The heads name neither a layer nor a head.");
    }
  }

  /**
   * @throws IllegalArgumentException if the text is none of {@code L3.H5}, {@code L3}, {@code *.H5}
   */
  @JsonCreator
  public static HeadSelector parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches() || matcher.group(1) == null && matcher.group(2) == null) {
      throw new IllegalArgumentException(
          "The heads (%s) are none of L3.H5, L3 and *.H5.".formatted(text));
    }
    return new HeadSelector(
        Optional.ofNullable(matcher.group(1)).map(Integer::parseInt).map(LayerIndex::new),
        Optional.ofNullable(matcher.group(2)).map(Integer::parseInt).map(HeadIndex::new));
  }

  /** Whether the head is one of these. */
  public boolean selects(HeadId id) {
    return layer.map(id.layer()::equals).orElse(true) && head.map(id.head()::equals).orElse(true);
  }

  @JsonValue
  @Override
  public String toString() {
    return layer.map(at -> "L" + at.value()).orElse("*")
        + head.map(at -> ".H" + at.value()).orElse("");
  }
}
