package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code mask_id} of SpargeAttn's {@code block_sparse_sage2_attn_cuda}: {@code [1, query heads,
 * ⌈N ÷ 128⌉, ⌈N ÷ 64⌉]} of 0 and 1. A block is 1 where some query in it sees some key in it. Where
 * the plan's tiles do not divide 128 by 64 its blocks hold more than the plan keeps.
 */
final class SpargeMaskFormat implements KernelFormat {
  private static final int QUERIES = 128;
  private static final int KEYS = 64;

  @Override
  public String name() {
    return "spargeattn-mask";
  }

  @Override
  public String system() {
    return "SpargeAttn block_sparse_sage2_attn_cuda";
  }

  @Override
  public String file() {
    return "safetensors of mask_id [1, head, N/128, N/64], by layer";
  }

  @Override
  public Exported write(HeadPlan plan, Tokens length) {
    var parts = new ArrayList<SafetensorsWriter.Part>();
    List<LayerTiles> layers = LayerTiles.of(plan, length);
    for (int layer = 0; layer < layers.size(); layer++) {
      parts.add(mask(layers.get(layer)).asFlags("layers.%d.mask_id".formatted(layer), Dtype.U8));
    }
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("format", "pt");
    metadata.put("length", length.toString());
    metadata.put("visibility", plan.layout().visibility().toString());
    var losses = new ArrayList<String>();
    if (plan.layout().tile().tokens() % QUERIES != 0) {
      losses.add(
          "Blocks of 128 queries hold several of the plan's tiles of %d, and visit what any of them does."
              .formatted(plan.layout().tile().tokens()));
    }
    return new Exported(
        Map.of("mask_id.safetensors", SpargeAttnFormat.bytes(metadata, parts)), losses);
  }

  private static IntTensor mask(LayerTiles tiles) {
    TileGrid grid = tiles.grid();
    int tokens = grid.length().count();
    int rows = Math.ceilDiv(tokens, QUERIES);
    int columns = Math.ceilDiv(tokens, KEYS);
    int heads = tiles.heads().size();
    var mask = new IntTensor(1, heads, rows, columns);
    for (int head = 0; head < heads; head++) {
      TileLists lists = tiles.heads().get(head);
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        for (int nth = 0; nth < lists.count(queryTile); nth++) {
          cover(tiles, queryTile, lists.keyTile(queryTile, nth), mask, head * rows, columns);
        }
      }
    }
    return mask;
  }

  /** Sets the blocks that hold a visible pair of the two tiles. */
  private static void cover(
      LayerTiles tiles, int queryTile, int keyTile, IntTensor mask, int firstRow, int columns) {
    TileGrid grid = tiles.grid();
    int firstQuery = grid.firstToken(queryTile);
    int endQuery = grid.endToken(queryTile);
    for (int row = firstQuery / QUERIES; row <= (endQuery - 1) / QUERIES; row++) {
      int earliest = Math.max(firstQuery, row * QUERIES);
      int latest = Math.min(endQuery, (row + 1) * QUERIES) - 1;
      int firstKey = Math.max(grid.firstToken(keyTile), tiles.reach().firstKey(earliest));
      int lastKey =
          grid.visibility() == Visibility.CAUSAL
              ? Math.min(grid.endToken(keyTile) - 1, latest)
              : grid.endToken(keyTile) - 1;
      for (int column = firstKey / KEYS;
          column <= lastKey / KEYS && firstKey <= lastKey;
          column++) {
        mask.set((firstRow + row) * columns + column, 1);
      }
    }
  }
}
