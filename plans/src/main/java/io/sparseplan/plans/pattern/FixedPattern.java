package io.sparseplan.plans.pattern;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * A pattern that follows from the geometry alone: the same tiles in every head and for every prompt
 * of a length. {@link TokenMask} is the slow reference for each.
 */
public sealed interface FixedPattern extends Pattern
    permits Dense,
        Skip,
        ElasticSpan,
        BandOfBlocks,
        TriShape,
        Strided,
        DilatedWindow,
        FixedFactorised,
        FrozenVerticalSlash,
        Grid,
        ModalityCells,
        VideoPattern {
  /** The key tiles that the query tile visits, strictly ascending, all of them visible. */
  int[] keyTiles(TileGrid grid, int queryTile);

  /**
   * The pattern, where it is fixed.
   *
   * @throws BadInputException if it is selected, or of decoding
   */
  static FixedPattern of(Pattern pattern) {
    return switch (pattern) {
      case FixedPattern fixed -> fixed;
      case DecodePattern decode -> throw decode.refusal("laid out in tiles");
      case SelectedPattern selected ->
          throw new BadInputException(
              "The pattern %s picks its tiles by the scores of each prompt; geometry does not tell them."
                  .formatted(selected.label()),
              "give the profile that counted them, or take fixed patterns.");
    };
  }

  /** Distances along one sequence mean nothing in a video. */
  @Override
  default boolean fits(TokenLayout layout) {
    return layout.video().isEmpty();
  }

  /** This pattern on a grid. */
  default TileLists on(TileGrid grid) {
    return TileLists.of(grid, queryTile -> keyTiles(grid, queryTile));
  }
}
