package io.sparseplan.report.view;

import io.sparseplan.plans.geometry.TileGrid;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows and columns of a pooled attention map: tile t of the grid lies in band ⌊t · count ÷
 * tiles⌋, which is how a profile pools, so that widths differ by one tile at most.
 *
 * @param count 1..tiles of the grid
 */
record Bands(TileGrid grid, int count) {
  Bands {
    if (count < 1 || count > grid.tiles()) {
      throw new IllegalArgumentException(
          "The number of bands (%d) must be in 1..%d, the tiles of %s tokens."
              .formatted(count, grid.tiles(), grid.length()));
    }
  }

  /** The first tile of the band; that of band {@code count} is one past the last tile. */
  int firstTile(int band) {
    return Math.toIntExact(Math.ceilDiv((long) band * grid.tiles(), (long) count));
  }

  /** The last band that the queries of this band see. */
  int lastVisible(int queryBand) {
    return switch (grid.visibility()) {
      case CAUSAL -> queryBand;
      case BIDIRECTIONAL -> count - 1;
    };
  }

  /** The first token of each band, and the length as the last element. */
  List<Integer> edgesTokens() {
    return IntStream.rangeClosed(0, count)
        .mapToObj(band -> Math.min(firstTile(band) * grid.tile().tokens(), grid.length().count()))
        .toList();
  }
}
