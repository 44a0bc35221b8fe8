package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.stream.IntStream;

/**
 * Columns and diagonals at one stride, which cross in a grid: MMInference's heads within frames of
 * video or images in a prompt (arXiv 2504.16083, §3.1), where the stride is the tokens of a frame
 * and the phase a place in it.
 *
 * <p>Rounded up to whole tiles: query tile i visits its own tile, every tile that holds a key of a
 * column, and every tile that holds a key about a multiple of the stride away from one of its
 * queries. (The peer permutes tokens by their place in the stride, so that lines become blocks; a
 * kernel that does not sees whole tiles about them.)
 *
 * @param stride from a line to the next, at least one
 * @param phase where the first column starts, less than the stride
 * @param width of columns and diagonals, at least 1 and at most the stride
 */
public record Grid(
    @JsonProperty("strideTokens") Tokens stride,
    @JsonProperty("phaseTokens") Tokens phase,
    @JsonProperty("widthTokens") Tokens width)
    implements FixedPattern {
  public Grid {
    if (width.count() < 1 || width.count() > stride.count()) {
      throw new IllegalArgumentException(
          "The widthTokens (%s) must be in 1..strideTokens (%s).".formatted(width, stride));
    }
    if (phase.count() >= stride.count()) {
      throw new IllegalArgumentException(
          "The phaseTokens (%s) must be less than strideTokens (%s).".formatted(phase, stride));
    }
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    return IntStream.rangeClosed(0, grid.lastVisibleKeyTile(queryTile))
        .filter(
            keyTile ->
                keyTile == queryTile
                    || holdsColumn(grid, keyTile)
                    || crossesDiagonal(
                        grid, Math.min(keyTile, queryTile), Math.max(keyTile, queryTile)))
        .toArray();
  }

  private boolean holdsColumn(TileGrid grid, int keyTile) {
    int end = grid.endToken(keyTile);
    return end > phase.count()
        && holdsLine(
            Math.max(0, grid.firstToken(keyTile) - phase.count()), end - 1 - phase.count());
  }

  private boolean crossesDiagonal(TileGrid grid, int nearer, int farther) {
    return holdsLine(
        grid.firstToken(farther) - (grid.endToken(nearer) - 1),
        grid.endToken(farther) - 1 - grid.firstToken(nearer));
  }

  /** Whether a number of the range is less than the width above a multiple of the stride. */
  private boolean holdsLine(int first, int last) {
    int above = first % stride.count();
    return above < width.count() || (long) first + stride.count() - above <= last;
  }

  @JsonIgnore
  @Override
  public String label() {
    return "grid%s@%sx%s".formatted(stride, phase, width);
  }
}
