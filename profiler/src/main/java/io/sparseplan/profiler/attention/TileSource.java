package io.sparseplan.profiler.attention;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.plans.pattern.SelectedPattern;

/** Where the tile lists of one head come from. */
sealed interface TileSource {
  /** Known before the prompt runs. */
  record Listed(TileLists lists) implements TileSource {}

  /** Picked in each layer from its queries and keys. */
  record Chosen(SelectedPattern rule) implements TileSource {}

  /** Picked likewise, of another order of the tokens. */
  record Permuted(PermutedPattern rule) implements TileSource {}

  static TileSource of(Pattern pattern, TileGrid grid) {
    return switch (pattern) {
      case FixedPattern fixed -> new Listed(fixed.on(grid));
      case PermutedPattern rule -> new Permuted(rule);
      case SelectedPattern rule -> new Chosen(rule);
      // Of the rows of prompts; those of answers read tokens, not tiles.
      case DecodePattern _ -> new Listed(new Dense().on(grid));
    };
  }

  /**
   * @param selector loaded with the head
   */
  default TileLists lists(TileSelector selector) {
    return switch (this) {
      case Listed(TileLists lists) -> lists;
      case Chosen(SelectedPattern rule) -> selector.select(rule);
      case Permuted(PermutedPattern rule) ->
          throw new BadInputException(
              "The pattern %s lays tokens out anew; that runs forward on the CPU alone, for prompts."
                  .formatted(rule.label()),
              "take --backend cpu, and no rounds of --refine; or choose another pattern.");
    };
  }
}
