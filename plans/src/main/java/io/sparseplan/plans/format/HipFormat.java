package io.sparseplan.plans.format;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.HierarchicalTopK.Stage;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * HiP's configuration. Layers are of two kinds, those in {@code dense_layers} and the others;
 * {@code layers} has the stages of the two for decoding and {@code prefill_layers} for the prompt.
 * Unknown keys are an error there and here.
 */
final class HipFormat implements PlanFormat {
  private static final String DENSE_LAYERS = "dense_layers";
  private static final String DECODE = "layers";
  private static final String PREFILL = "prefill_layers";
  private static final String PREFILL_DENSE = "prefill_always_dense";
  private static final String DECODE_DENSE = "decode_always_dense";
  private static final String ALL_DENSE = "force_dense";
  private static final Set<String> KNOWN =
      Set.of(
          DENSE_LAYERS,
          DECODE,
          PREFILL,
          PREFILL_DENSE,
          DECODE_DENSE,
          ALL_DENSE,
          "block_sparse_block_size_q",
          "metadata_cache_max_batch_size",
          "mask_refresh_interval",
          "using_extend",
          "prefill_dense_threshold",
          "apply_v_dot");
  private static final Set<String> KNOWN_OF_LAYER =
      Set.of(
          "second_stage_k",
          "sliding_window_size",
          "sink_token_size",
          "sa_extend_backend",
          "scan_extend_backend",
          "stages");
  private static final Set<String> KNOWN_OF_STAGE =
      Set.of(
          "stage_block_size_q",
          "stage_block_stride_q",
          "stage_chunk_size",
          "stage_k",
          "stage_stride");
  private static final int MOST = 1 << 24;
  private static final int KINDS = 2;

  @Override
  public String name() {
    return "hip";
  }

  @Override
  public String system() {
    return "HiP, InfiniteHiP (SGLang)";
  }

  @Override
  public String file() {
    return "JSON of --hip-attention-config: dense_layers, layers, prefill_layers";
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
    return source.mainName().endsWith(".json")
        && (source.json().has(DENSE_LAYERS) || source.json().has("mask_refresh_interval"));
  }

  @Override
  public FileShape shape(PeerSource source) {
    return FileShape.any();
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    JsonField root = source.json();
    root.requireOnly(KNOWN);
    TreeSet<Integer> ofFirstKind = denseLayers(root, model);
    List<Pattern> prefill = patterns(root, PREFILL, PREFILL_DENSE);
    List<Pattern> decode = patterns(root, DECODE, DECODE_DENSE);
    return new ImportedHeads(
        new TileSize(64),
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              int kind = ofFirstKind.contains(id.layer().value()) ? 0 : 1;
              return new ImportedHeads.Rule(
                  prefill.get(kind),
                  Optional.of(decode.get(kind)),
                  kind == 0 ? "One of dense_layers: the first entry." : "The second entry.");
            }),
        List.of(
            "HiP is dense on prompts up to prefill_dense_threshold (8192 tokens unless set); the"
                + " plan does not say that."));
  }

  private static TreeSet<Integer> denseLayers(JsonField root, ModelIdentity model) {
    var layers = new TreeSet<Integer>();
    for (JsonField layer : root.at(DENSE_LAYERS).elements()) {
      if (!layers.add(layer.integer(0, model.layers().count() - 1))) {
        throw layer.refuse("is listed twice");
      }
    }
    return layers;
  }

  private static boolean flag(JsonField root, String name) {
    return root.has(name) && root.at(name).flag();
  }

  /** The patterns of the two kinds of layers in a phase. */
  private static List<Pattern> patterns(JsonField root, String name, String denseFlag) {
    if (flag(root, ALL_DENSE) || flag(root, denseFlag)) {
      return List.of(new Dense(), new Dense());
    }
    return root.at(name).elements(KINDS, "kinds of layers").stream()
        .map(HipFormat::pattern)
        .toList();
  }

  private static Pattern pattern(JsonField layer) {
    layer.requireOnly(KNOWN_OF_LAYER);
    List<JsonField> stages = layer.at("stages").elements();
    if (stages.isEmpty()) {
      throw layer.at("stages").refuse("has no stage");
    }
    return new HierarchicalTopK(
        stages.stream().map(HipFormat::stage).toList(),
        tokens(layer.at("second_stage_k"), 1),
        tokens(layer.at("sliding_window_size"), 0),
        tokens(layer.at("sink_token_size"), 0));
  }

  private static Stage stage(JsonField stage) {
    stage.requireOnly(KNOWN_OF_STAGE);
    return new Stage(
        tokens(stage.at("stage_block_size_q"), 1),
        tokens(stage.at("stage_block_stride_q"), 1),
        tokens(stage.at("stage_chunk_size"), 1),
        stage.has("stage_k") ? tokens(stage.at("stage_k"), 1) : Tokens.of(0),
        stage.at("stage_stride").integer(1, MOST));
  }

  private static Tokens tokens(JsonField field, int least) {
    return Tokens.of(field.integer(least, MOST));
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    List<PlannedHead> layers = grid.wholeLayers();
    Optional<JsonField> kept = grid.kept().map(PeerSource::json);
    TreeSet<Integer> firstKind =
        kept.map(field -> denseLayers(field, plan.model()))
            .filter(known -> agrees(layers, known))
            .orElseGet(() -> likeFirst(layers));
    for (PlannedHead head : layers) {
      PlannedHead model = likeOf(layers, firstKind, head);
      if (!same(model, head)) {
        throw grid.refuse(
            head,
            head.prefill(),
            "a third kind of layer beside those of %s and another".formatted(model.id()));
      }
    }
    ObjectNode root =
        kept.map(JsonField::object).orElseGet(() -> JsonFile.mapper().createObjectNode());
    ArrayNode numbers = root.putArray(DENSE_LAYERS);
    firstKind.forEach(numbers::add);
    List<PlannedHead> kinds = kinds(layers, firstKind);
    put(root, grid, kinds, PREFILL, PREFILL_DENSE, PlannedHead::prefill);
    put(root, grid, kinds, DECODE, DECODE_DENSE, PlannedHead::decodeOrPrefill);
    return Exported.text(
        "hip.json",
        JsonFile.pretty(root) + "\n",
        kept.isPresent()
            ? List.of()
            : List.of(
                "Settings beside the patterns are left to HiP: refresh intervals, backends."));
  }

  private static TreeSet<Integer> likeFirst(List<PlannedHead> layers) {
    var like = new TreeSet<Integer>();
    for (int layer = 0; layer < layers.size(); layer++) {
      if (same(layers.getFirst(), layers.get(layer))) {
        like.add(layer);
      }
    }
    return like.size() == layers.size() ? new TreeSet<>() : like;
  }

  private static boolean agrees(List<PlannedHead> layers, TreeSet<Integer> firstKind) {
    return layers.stream().allMatch(head -> same(likeOf(layers, firstKind, head), head));
  }

  /** The first layer of the head's kind. */
  private static PlannedHead likeOf(
      List<PlannedHead> layers, TreeSet<Integer> firstKind, PlannedHead head) {
    boolean first = firstKind.contains(head.layer().value());
    return layers.stream()
        .filter(other -> firstKind.contains(other.layer().value()) == first)
        .findFirst()
        .orElseThrow();
  }

  /** A layer of each kind; where there is one kind alone, twice the same. */
  private static List<PlannedHead> kinds(List<PlannedHead> layers, TreeSet<Integer> firstKind) {
    PlannedHead first = firstKind.isEmpty() ? layers.getFirst() : layers.get(firstKind.first());
    PlannedHead second =
        layers.stream()
            .filter(head -> !firstKind.contains(head.layer().value()))
            .findFirst()
            .orElse(first);
    return List.of(first, second);
  }

  private static boolean same(PlannedHead a, PlannedHead b) {
    return a.prefill().equals(b.prefill()) && a.decodeOrPrefill().equals(b.decodeOrPrefill());
  }

  private static void put(
      ObjectNode root,
      HeadGrid grid,
      List<PlannedHead> kinds,
      String name,
      String denseFlag,
      Function<PlannedHead, Pattern> patternOf) {
    List<Pattern> patterns = kinds.stream().map(patternOf).toList();
    boolean dense = patterns.stream().allMatch(new Dense()::equals);
    if (dense) {
      if (!root.path(ALL_DENSE).asBoolean(false)) {
        root.put(denseFlag, true);
      }
      return;
    }
    if (root.has(denseFlag)) {
      root.put(denseFlag, false);
    }
    root.remove(ALL_DENSE);
    var old = root.path(name);
    ArrayNode array = JsonFile.mapper().createArrayNode();
    for (int kind = 0; kind < KINDS; kind++) {
      ObjectNode layer =
          old.path(kind) instanceof ObjectNode known
              ? known.deepCopy()
              : JsonFile.mapper().createObjectNode();
      array.add(layer);
      switch (patterns.get(kind)) {
        case HierarchicalTopK rule -> put(layer, rule);
        case Pattern other -> throw grid.refuse(kinds.get(kind), other);
      }
    }
    root.set(name, array);
  }

  private static void put(ObjectNode layer, HierarchicalTopK rule) {
    layer.put("second_stage_k", rule.budget().count());
    layer.put("sliding_window_size", rule.window().count());
    layer.put("sink_token_size", rule.sink().count());
    var stages = new ArrayList<ObjectNode>();
    for (Stage stage : rule.stages()) {
      ObjectNode node = JsonFile.mapper().createObjectNode();
      node.put("stage_block_size_q", stage.queryBlock().count());
      node.put("stage_block_stride_q", stage.queryStride().count());
      node.put("stage_chunk_size", stage.chunk().count());
      if (stage.keep().count() > 0) {
        node.put("stage_k", stage.keep().count());
      } else {
        node.putNull("stage_k");
      }
      node.put("stage_stride", stage.blockStride());
      stages.add(node);
    }
    ArrayNode array = layer.putArray("stages");
    stages.forEach(array::add);
  }
}
