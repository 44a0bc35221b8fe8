package io.sparseplan.plans.format;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * SnapKV's configuration: the window, the capacity and the pooling of each layer's cache, each one
 * value for all layers or a list of one for each.
 */
final class SnapKvFormat implements PlanFormat {
  private static final String WINDOWS = "window_sizes";
  private static final String CAPACITIES = "max_capacity_prompts";
  private static final String KERNELS = "kernel_sizes";
  private static final String POOLING = "pooling";
  private static final int MOST = 1 << 24;

  @Override
  public String name() {
    return "snapkv";
  }

  @Override
  public String system() {
    return "SnapKV";
  }

  @Override
  public String file() {
    return "JSON of per-layer lists: window_sizes, max_capacity_prompts, kernel_sizes, pooling";
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
    return source.mainName().endsWith(".json") && source.json().has(CAPACITIES);
  }

  @Override
  public FileShape shape(PeerSource source) {
    JsonField capacities = source.json().at(CAPACITIES);
    return capacities.node().isArray()
        ? FileShape.ofLayers(capacities.elements().size())
        : FileShape.any();
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    JsonField root = source.json();
    root.requireOnly(Set.of(WINDOWS, CAPACITIES, KERNELS, POOLING));
    int layers = model.layers().count();
    List<JsonField> windows = broadcast(root.at(WINDOWS), layers);
    List<JsonField> capacities = broadcast(root.at(CAPACITIES), layers);
    List<JsonField> kernels = broadcast(root.at(KERNELS), layers);
    List<JsonField> poolings = broadcast(root.at(POOLING), layers);
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              int layer = id.layer().value();
              KvBudget budget =
                  budget(
                      capacities.get(layer),
                      windows.get(layer),
                      kernels.get(layer),
                      poolings.get(layer));
              return new ImportedHeads.Rule(
                  new Dense(), Optional.of(budget), "The budget of layer %d.".formatted(layer));
            }),
        List.of("Prompts are read dense; the budget is of decoding."));
  }

  private static List<JsonField> broadcast(JsonField field, int layers) {
    return field.node().isArray()
        ? field.elements(layers, "layers")
        : Collections.nCopies(layers, field);
  }

  private static KvBudget budget(
      JsonField capacity, JsonField window, JsonField kernel, JsonField pooling) {
    KvBudget.Pooling joined =
        switch (pooling.text()) {
          case "avgpool" -> KvBudget.Pooling.AVERAGE;
          case "maxpool" -> KvBudget.Pooling.MAXIMUM;
          default -> throw pooling.refuse("is neither avgpool nor maxpool");
        };
    int tokens = capacity.integer(2, MOST);
    int observed = window.integer(1, MOST);
    if (observed >= tokens) {
      throw window.refuse(
          "is not less than the capacity %s (%d)".formatted(capacity.place(), tokens));
    }
    int width = kernel.integer(1, MOST);
    if (width % 2 == 0) {
      throw kernel.refuse("is even; pooling that keeps the length needs an odd width");
    }
    return new KvBudget(Tokens.of(tokens), Tokens.of(observed), Tokens.of(width), joined);
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    List<KvBudget> budgets = grid.wholeLayers().stream().map(head -> budgetOf(grid, head)).toList();
    Optional<JsonNode> kept = grid.kept().map(source -> source.json().node());
    ObjectNode root = JsonFile.mapper().createObjectNode();
    put(root, WINDOWS, budgets, kept, budget -> budget.observed().count());
    put(root, CAPACITIES, budgets, kept, budget -> budget.capacity().count());
    put(root, KERNELS, budgets, kept, budget -> budget.kernel().count());
    put(root, POOLING, budgets, kept, KvBudget::pooling);
    return Exported.text(
        "snapkv.json", JsonFile.mapper().writeValueAsString(root) + "\n", List.of());
  }

  private static KvBudget budgetOf(HeadGrid grid, PlannedHead head) {
    if (!head.readsPromptsDense()) {
      throw grid.refuse(head, head.prefill(), "where SnapKV reads prompts dense");
    }
    return switch (head.decodeOrPrefill()) {
      case KvBudget budget -> budget;
      case Pattern other -> throw grid.refuse(head, other);
    };
  }

  /** One value where all layers have the same and the file before did not have a list. */
  private static void put(
      ObjectNode root,
      String name,
      List<KvBudget> budgets,
      Optional<JsonNode> kept,
      Function<KvBudget, Object> value) {
    JsonNode[] values =
        budgets.stream()
            .map(value)
            .map(each -> (JsonNode) JsonFile.mapper().valueToTree(each))
            .toArray(JsonNode[]::new);
    boolean list = kept.map(node -> node.path(name).isArray()).orElse(false);
    if (!list && Arrays.stream(values).distinct().count() == 1) {
      root.set(name, values[0]);
    } else {
      ArrayNode layers = root.putArray(name);
      Arrays.stream(values).forEach(layers::add);
    }
  }
}
