package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * FlexAttention's {@code BlockMask}: for every query tile the number of key tiles and their
 * indices, those that need {@code mask_mod} ({@code kv_*}) apart from those that do not ({@code
 * full_kv_*}). Shapes are {@code [1, query heads, query tiles]} and {@code […, key tiles]}; after
 * the indices of a row its other tiles follow, as PyTorch's own constructor leaves them. For {@code
 * BlockMask.from_kv_blocks}, with the causal mask, and the sliding window of the layer, as {@code
 * mask_mod}.
 */
final class FlexAttentionFormat implements KernelFormat {
  @Override
  public String name() {
    return "flex-attention";
  }

  @Override
  public String system() {
    return "FlexAttention (PyTorch), FlashAttention-4 block sparsity";
  }

  @Override
  public String file() {
    return "safetensors of BlockMask tensors, by layer";
  }

  @Override
  public Exported write(HeadPlan plan, Tokens length) {
    var parts = new ArrayList<SafetensorsWriter.Part>();
    List<LayerTiles> layers = LayerTiles.of(plan, length);
    for (int layer = 0; layer < layers.size(); layer++) {
      LayerTiles tiles = layers.get(layer);
      String prefix = "layers.%d.".formatted(layer);
      add(parts, prefix, "kv", tiles, true);
      add(parts, prefix, "full_kv", tiles, false);
    }
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("format", "pt");
    metadata.put("block_size", Integer.toString(plan.layout().tile().tokens()));
    metadata.put("length", length.toString());
    metadata.put("visibility", plan.layout().visibility().toString());
    return new Exported(
        Map.of("block_mask.safetensors", SpargeAttnFormat.bytes(metadata, parts)), List.of());
  }

  private static void add(
      List<SafetensorsWriter.Part> parts,
      String prefix,
      String name,
      LayerTiles tiles,
      boolean partial) {
    TileGrid grid = tiles.grid();
    int rows = grid.tiles();
    int heads = tiles.heads().size();
    var counts = new IntTensor(1, heads, rows);
    var indices = new IntTensor(1, heads, rows, rows);
    for (int head = 0; head < heads; head++) {
      TileLists lists = tiles.heads().get(head);
      for (int queryTile = 0; queryTile < rows; queryTile++) {
        int row = queryTile;
        IntPredicate listed =
            keyTile -> lists.visits(row, keyTile) && tiles.isPartial(row, keyTile) == partial;
        int[] order =
            IntStream.concat(
                    IntStream.range(0, rows).filter(listed),
                    IntStream.range(0, rows).filter(listed.negate()))
                .toArray();
        int at = head * rows + row;
        counts.set(at, (int) IntStream.range(0, rows).filter(listed).count());
        for (int nth = 0; nth < rows; nth++) {
          indices.set(at * rows + nth, order[nth]);
        }
      }
    }
    parts.add(counts.asInts(prefix + name + "_num_blocks"));
    parts.add(indices.asInts(prefix + name + "_indices"));
  }
}
