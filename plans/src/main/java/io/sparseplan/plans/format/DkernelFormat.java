package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.Strided;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Phi-3-small's and dkernel's integers in {@code config.json}. Of blocks of {@code
 * blocksparse_block_size} tokens a query sees the last {@code num_local_blocks} and, unless all
 * heads are alike, every block b with {@code (b + head·step + 1) mod vert_stride = 0}, where step
 * is {@code max(1, ⌊vert_stride ÷ heads⌋)}. Every {@code dense_attention_every_n_layers}-th layer
 * is dense.
 */
final class DkernelFormat implements PlanFormat {
  private static final String BLOCK = "blocksparse_block_size";
  private static final String SAME = "blocksparse_homo_head_pattern";
  private static final String LOCAL = "blocksparse_num_local_blocks";
  private static final String STRIDE = "blocksparse_vert_stride";
  private static final String EVERY = "dense_attention_every_n_layers";
  private static final int MOST = 1 << 20;

  /**
   * @param denseEvery 0 where no layer is dense
   */
  private record Integers(
      TileSize block, boolean sameInAllHeads, int localBlocks, int stride, int denseEvery) {
    boolean isDense(int layer) {
      return denseEvery > 0 && (layer + 1) % denseEvery == 0;
    }

    Pattern pattern(PlannedHead head, int heads) {
      return isDense(head.layer().value()) ? new Dense() : pattern(head.head(), heads);
    }

    Strided pattern(HeadIndex head, int heads) {
      int step = Math.max(1, stride / heads);
      int shift = (sameInAllHeads ? 0 : head.value() * step) + 1;
      int first = Math.floorMod(-shift, stride);
      int tokens = block.tokens();
      return new Strided(
          Tokens.of(localBlocks * tokens),
          Tokens.of(tokens),
          Tokens.of(stride * tokens),
          Tokens.of(first * tokens));
    }
  }

  @Override
  public String name() {
    return "dkernel";
  }

  @Override
  public String system() {
    return "dkernel (S2-Attention), Phi-3-small, TensorRT-LLM block-sparse";
  }

  @Override
  public String file() {
    return "config.json: blocksparse_* integers, dense_attention_every_n_layers";
  }

  @Override
  public String loses() {
    return "";
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".json") && source.json().has(STRIDE);
  }

  @Override
  public FileShape shape(PeerSource source) {
    JsonField root = source.json();
    return root.has("num_hidden_layers") && root.has("num_attention_heads")
        ? FileShape.of(
            root.at("num_hidden_layers").integer(1, MOST),
            root.at("num_attention_heads").integer(1, MOST))
        : FileShape.any();
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    Integers integers = integers(source.json());
    int heads = model.attention().queryHeads().count();
    return new ImportedHeads(
        integers.block,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id ->
                integers.isDense(id.layer().value())
                    ? ImportedHeads.Rule.both(
                        new Dense(), "Every %d-th layer is dense.".formatted(integers.denseEvery))
                    : ImportedHeads.Rule.both(
                        integers.pattern(id.head(), heads), "The strided formula of its head.")),
        List.of());
  }

  private static Integers integers(JsonField root) {
    int block = root.at(BLOCK).integer(1, 4096);
    int every = root.at(EVERY).integer(0, MOST);
    return new Integers(
        new TileSize(block),
        root.at(SAME).flag(),
        root.at(LOCAL).integer(1, MOST / block),
        root.at(STRIDE).integer(1, MOST / block),
        every);
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    int heads = plan.model().attention().queryHeads().count();
    List<List<PlannedHead>> layers = grid.layers();
    Integers integers =
        grid.kept()
            .map(source -> integers(source.json()))
            .filter(kept -> firstOther(plan, kept, heads).isEmpty())
            .orElseGet(() -> guess(grid, layers, heads));
    firstOther(plan, integers, heads)
        .ifPresent(
            head -> {
              throw grid.refuse(
                  head,
                  head.prefill(),
                  "where the formula of the other heads gives "
                      + integers.pattern(head, heads).label());
            });
    plan.heads().forEach(grid::inBothPhases);
    ObjectNode root =
        grid.kept()
            .map(source -> source.json().object())
            .orElseGet(() -> JsonFile.mapper().createObjectNode());
    root.put(BLOCK, integers.block.tokens());
    root.put(SAME, integers.sameInAllHeads);
    root.put(LOCAL, integers.localBlocks);
    root.put(STRIDE, integers.stride);
    root.put(EVERY, integers.denseEvery);
    return Exported.text("config.json", JsonFile.pretty(root) + "\n", List.of());
  }

  /** The first head that does not run what the integers say. */
  private static Optional<? extends PlannedHead> firstOther(
      HeadPlan plan, Integers integers, int heads) {
    return plan.heads().stream()
        .filter(head -> !head.prefill().equals(integers.pattern(head, heads)))
        .findFirst();
  }

  /** What the first strided heads and the first dense layer say; the rest is held against it. */
  private static Integers guess(HeadGrid grid, List<List<PlannedHead>> layers, int heads) {
    Optional<List<PlannedHead>> strided =
        layers.stream().filter(layer -> layer.getFirst().prefill() instanceof Strided).findFirst();
    if (strided.isEmpty()) {
      throw new BadInputException(
          "No layer of the plan begins with a strided head, so that %s has no stride to write."
              .formatted(grid.format()),
          "export to another format: show formats lists them.");
    }
    PlannedHead head = strided.get().getFirst();
    Strided first = (Strided) head.prefill();
    int block = first.column().count();
    if (block > 4096
        || first.stride().count() % block != 0
        || first.local().count() % block != 0
        || first.local().count() == 0) {
      throw grid.refuse(head, first, "whose window and stride are not whole blocks");
    }
    boolean same =
        heads == 1
            || strided.get().get(1).prefill() instanceof Strided second
                && second.offset().equals(first.offset());
    int every = 0;
    for (int layer = layers.size() - 1; layer >= 0; layer--) {
      every = layers.get(layer).getFirst().prefill().equals(new Dense()) ? layer + 1 : every;
    }
    return new Integers(
        new TileSize(block),
        same,
        first.local().count() / block,
        first.stride().count() / block,
        every);
  }
}
