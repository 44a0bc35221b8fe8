package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.DeclaredPattern;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;

/** Where the tile lists of one head come from. */
sealed interface TileSource {
  /** Known before the prompt runs. */
  record Listed(TileLists lists) implements TileSource {}

  /** Picked in each layer from its queries and keys. */
  record Chosen(SelectedPattern rule) implements TileSource {}

  static TileSource of(Pattern pattern, TileGrid grid) {
    return switch (pattern) {
      case FixedPattern fixed -> new Listed(fixed.on(grid));
      case SelectedPattern rule -> new Chosen(rule);
      // Of the rows of prompts; those of answers read tokens, not tiles.
      case DecodePattern _ -> new Listed(new Dense().on(grid));
      case DeclaredPattern declared -> throw declared.refusal("run");
    };
  }

  /**
   * @param selector loaded with the head
   */
  default TileLists lists(TileSelector selector) {
    return switch (this) {
      case Listed(TileLists lists) -> lists;
      case Chosen(SelectedPattern rule) -> selector.select(rule);
    };
  }
}
