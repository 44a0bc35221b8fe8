package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Block-Sparse-Attention's arguments: {@code head_mask_type} of each query head (0 dense, −1
 * streaming, n ≥ 1 the n-th mask), {@code streaming_info} with two numbers a head, the sink and the
 * window in blocks of 128, and {@code base_blockmask [1, masks, rows, columns]}.
 */
final class BlockSparseAttentionFormat implements KernelFormat {
  private static final TileSize BLOCK = new TileSize(128);

  @Override
  public String name() {
    return "block-sparse-attention";
  }

  @Override
  public String system() {
    return "Block-Sparse-Attention (DuoAttention, LServe, XAttention)";
  }

  @Override
  public String file() {
    return "safetensors of head_mask_type, streaming_info, base_blockmask, by layer";
  }

  @Override
  public Exported write(HeadPlan plan, Tokens length) {
    if (!plan.layout().tile().equals(BLOCK)) {
      throw new BadInputException(
          "The plan's tiles have %d tokens; the kernel's blocks have 128."
              .formatted(plan.layout().tile().tokens()),
          "import or profile with tiles of 128.");
    }
    var parts = new ArrayList<SafetensorsWriter.Part>();
    List<LayerTiles> layers = LayerTiles.of(plan, length);
    List<List<PlannedHead>> heads = new HeadGrid(plan.at(length), name()).layers();
    for (int layer = 0; layer < layers.size(); layer++) {
      requireAllInReach(layers.get(layer), layer);
      add(parts, "layers.%d.".formatted(layer), heads.get(layer), layers.get(layer));
    }
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("format", "pt");
    metadata.put("length", length.toString());
    metadata.put("streaming_info", "blocks");
    metadata.put("is_causal", Boolean.toString(isCausal(layers.getFirst().grid())));
    return new Exported(
        Map.of("block_sparse.safetensors", SpargeAttnFormat.bytes(metadata, parts)), List.of());
  }

  private static boolean isCausal(TileGrid grid) {
    return switch (grid.visibility()) {
      case CAUSAL -> true;
      case BIDIRECTIONAL -> false;
    };
  }

  /** The kernel has no sliding window beside its streaming heads. */
  private static void requireAllInReach(LayerTiles tiles, int layer) {
    if (tiles.reach().firstKey(tiles.grid().length().count() - 1) > 0
        && tiles.reach() instanceof AttentionReach.SlidingWindow(Tokens window)) {
      throw new BadInputException(
          "Layer %d has a sliding window of %s tokens, which this kernel does not have."
              .formatted(layer, window),
          "export to flex-attention, whose mask_mod can hold it.");
    }
  }

  private static void add(
      List<SafetensorsWriter.Part> parts,
      String prefix,
      List<PlannedHead> heads,
      LayerTiles tiles) {
    TileGrid grid = tiles.grid();
    var types = new IntTensor(heads.size());
    var info = new IntTensor(2 * heads.size());
    var masks = new ArrayList<TileLists>();
    for (int head = 0; head < heads.size(); head++) {
      switch (heads.get(head).prefill()) {
        case Dense() -> types.set(head, 0);
        case ElasticSpan span when isCausal(grid) -> {
          types.set(head, -1);
          info.set(2 * head, span.sinkTiles(BLOCK));
          info.set(2 * head + 1, Math.min(span.windowTiles(grid), grid.tiles()));
        }
        case Pattern other -> {
          masks.add(tiles.heads().get(head));
          types.set(head, masks.size());
        }
      }
    }
    parts.add(types.asInts(prefix + "head_mask_type"));
    parts.add(info.asInts(prefix + "streaming_info"));
    var mask = new IntTensor(1, masks.size(), grid.tiles(), grid.tiles());
    for (int nth = 0; nth < masks.size(); nth++) {
      TileLists lists = masks.get(nth);
      for (int row = 0; row < grid.tiles(); row++) {
        for (int at = 0; at < lists.count(row); at++) {
          mask.set((nth * grid.tiles() + row) * grid.tiles() + lists.keyTile(row, at), 1);
        }
      }
    }
    parts.add(mask.asFlags(prefix + "base_blockmask", Dtype.BOOL));
  }
}
