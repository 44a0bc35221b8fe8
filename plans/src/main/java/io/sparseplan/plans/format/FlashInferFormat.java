package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * FlashInfer's block-sparse wrappers, for each KV head: {@code indptr} and {@code indices} of the
 * block rows, ascending, and for the wrapper of variable blocks {@code block_mask_map [KV head,
 * row, column]} with the sizes {@code block_row_sz} and {@code block_col_sz}. All query heads of a
 * KV head must run the same.
 */
final class FlashInferFormat implements KernelFormat {
  @Override
  public String name() {
    return "flashinfer";
  }

  @Override
  public String system() {
    return "FlashInfer BSR and variable blocks, TensorRT-LLM block routes";
  }

  @Override
  public String file() {
    return "safetensors of indptr, indices and block_mask_map, by layer and KV head";
  }

  @Override
  public Exported write(HeadPlan plan, Tokens length) {
    new HeadGrid(plan.at(length), name()).kvGroups();
    var parts = new ArrayList<SafetensorsWriter.Part>();
    int kvHeads = plan.model().attention().kvHeads().count();
    int group = plan.model().attention().groupSize();
    List<LayerTiles> layers = LayerTiles.of(plan, length);
    for (int layer = 0; layer < layers.size(); layer++) {
      LayerTiles tiles = layers.get(layer);
      String prefix = "layers.%d.".formatted(layer);
      int rows = tiles.grid().tiles();
      var map = new IntTensor(kvHeads, rows, rows);
      for (int kvHead = 0; kvHead < kvHeads; kvHead++) {
        TileLists lists = tiles.ofGroup(kvHead, group);
        parts.addAll(rows(prefix + "kv_heads.%d.".formatted(kvHead), lists, map, kvHead));
      }
      parts.add(map.asFlags(prefix + "block_mask_map", Dtype.BOOL));
      parts.add(sizes(tiles.grid(), kvHeads).asInts(prefix + "block_row_sz"));
      parts.add(sizes(tiles.grid(), kvHeads).asInts(prefix + "block_col_sz"));
    }
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("format", "pt");
    metadata.put("R", Integer.toString(plan.layout().tile().tokens()));
    metadata.put("C", Integer.toString(plan.layout().tile().tokens()));
    metadata.put("M", length.toString());
    metadata.put("N", length.toString());
    metadata.put("visibility", plan.layout().visibility().toString());
    return new Exported(
        Map.of("bsr.safetensors", SpargeAttnFormat.bytes(metadata, parts)), List.of());
  }

  private static List<SafetensorsWriter.Part> rows(
      String prefix, TileLists lists, IntTensor map, int kvHead) {
    int rows = lists.grid().tiles();
    int[] starts = new int[rows + 1];
    int[] indices = new int[lists.total()];
    for (int row = 0; row < rows; row++) {
      starts[row + 1] = starts[row] + lists.count(row);
      for (int nth = 0; nth < lists.count(row); nth++) {
        int keyTile = lists.keyTile(row, nth);
        indices[starts[row] + nth] = keyTile;
        map.set((kvHead * rows + row) * rows + keyTile, 1);
      }
    }
    return List.of(
        IntTensor.of(starts).asInts(prefix + "indptr"),
        IntTensor.of(indices).asInts(prefix + "indices"));
  }

  private static IntTensor sizes(TileGrid grid, int kvHeads) {
    var sizes = new IntTensor(kvHeads, grid.tiles());
    for (int at = 0; at < kvHeads * grid.tiles(); at++) {
      int tile = at % grid.tiles();
      sizes.set(at, grid.endToken(tile) - grid.firstToken(tile));
    }
    return sizes;
  }
}
