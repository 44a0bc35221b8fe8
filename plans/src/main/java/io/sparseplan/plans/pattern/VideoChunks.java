package io.sparseplan.plans.pattern;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * A video cut into boxes of one size, frame by frame, row by row; those at the far ends may be
 * smaller. Boxes of some frames, of some places at all times, or of both are VMoBA's 1-D, 2-D and
 * 3-D chunks (arXiv 2506.23858, §3.2); boxes of one frame are BiFormer's regions (arXiv
 * 2303.08810), and cubes are Direct3D-S2's selection blocks (arXiv 2505.17412, §3.2).
 */
public final class VideoChunks {
  /** Scores that fit into a quarter of a gigabyte. */
  private static final int MOST_PAIRS = 1 << 25;

  private final TileGrid grid;
  private final VideoLayout video;
  private final Extents chunk;
  private final int rows;
  private final int columns;
  private final BitSet[] chunksOfTile;

  /**
   * @param chunk the size of a box; on a shorter axis it has all
   * @throws BadInputException if the grid is not of a video
   */
  public VideoChunks(TileGrid grid, Extents chunk) {
    this.grid = grid;
    this.chunk = chunk;
    video =
        grid.video()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "Chunks of %s are of a video; %s tokens lie one after the other."
                            .formatted(chunk.text(), grid.length()),
                        "take the pattern for a plan of a video model."));
    rows = along(Axis.HEIGHT);
    columns = along(Axis.WIDTH);
    if ((long) count() * grid.tiles() > MOST_PAIRS) {
      throw new BadInputException(
          "Chunks of %s are %d in %s; with %d query tiles these are more than %d scores."
              .formatted(chunk.text(), count(), video, grid.tiles(), MOST_PAIRS),
          "take larger chunks.");
    }
    chunksOfTile = IntStream.range(0, grid.tiles()).mapToObj(this::chunksOf).toArray(BitSet[]::new);
  }

  private int along(Axis axis) {
    return Math.ceilDiv(video.extents().along(axis), chunk.along(axis));
  }

  /** How many chunks there are. */
  public int count() {
    return along(Axis.FRAMES) * rows * columns;
  }

  public TileGrid grid() {
    return grid;
  }

  /** The chunk of the video token at a place of the video's order. */
  public int of(int place) {
    var token = video.at(place);
    return number(
        token.frame() / chunk.frames(),
        token.row() / chunk.height(),
        token.column() / chunk.width());
  }

  private int number(int slab, int row, int column) {
    return (slab * rows + row) * columns + column;
  }

  private BitSet chunksOf(int tile) {
    var found = new BitSet();
    for (VideoBox box : video.boxes(grid.firstToken(tile), grid.endToken(tile))) {
      for (int slab = box.frames().first() / chunk.frames();
          slab <= box.frames().last() / chunk.frames();
          slab++) {
        for (int row = box.height().first() / chunk.height();
            row <= box.height().last() / chunk.height();
            row++) {
          found.set(
              number(slab, row, box.width().first() / chunk.width()),
              number(slab, row, box.width().last() / chunk.width()) + 1);
        }
      }
    }
    return found;
  }

  /** The chunks that the tile holds a token of: a query tile's own. */
  public BitSet ofTile(int tile) {
    return (BitSet) chunksOfTile[tile].clone();
  }

  /** The query tiles that choose: those that hold text keep everything. */
  int[] choosingTiles() {
    return IntStream.range(0, grid.tiles()).filter(tile -> !grid.holdsText(tile)).toArray();
  }

  /**
   * The tiles that hold a token of the chunks that each query tile keeps. Text sees and is seen by
   * every tile.
   *
   * @param kept by query tile
   */
  TileLists tiles(BitSet[] kept) {
    return TileLists.of(
        grid,
        queryTile ->
            IntStream.range(0, grid.tiles())
                .filter(
                    keyTile ->
                        grid.holdsText(queryTile)
                            || grid.holdsText(keyTile)
                            || chunksOfTile[keyTile].intersects(kept[queryTile]))
                .toArray());
  }
}
