package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.format.ImportOptions.Heavy;
import io.sparseplan.plans.format.ImportOptions.Projection;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Double Sparsity's channels: from {@code model.layers.L.self_attn.q_proj}, {@code k_proj} and
 * {@code qk_proj} to {@code [head][channel]}, all channels of each head by falling weight, in
 * Hugging Face's half-split order. How many are used, and of which projection, is the runtime's.
 */
final class DoubleSparsityFormat implements PlanFormat {
  private static final java.util.regex.Pattern MODULE =
      java.util.regex.Pattern.compile(
          "model\\.layers\\.(0|[1-9]\\d{0,4})\\.(?:self_attn|mlp)\\.(\\w+)");

  @Override
  public String name() {
    return "double-sparsity";
  }

  @Override
  public String system() {
    return "Double Sparsity, SGLang";
  }

  @Override
  public String file() {
    return "JSON {module path: [head][channels by weight]}";
  }

  @Override
  public String loses() {
    return "how many channels and tokens the runtime takes, which are its flags";
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".json")
        && source.json().node().propertyNames().stream()
            .anyMatch(name -> name.endsWith(".self_attn.k_proj"));
  }

  @Override
  public FileShape shape(PeerSource source) {
    int layers = 0;
    int heads = 0;
    for (Map.Entry<String, JsonField> property : source.json().properties()) {
      Matcher module = MODULE.matcher(property.getKey());
      if (module.matches() && module.group(2).equals(Projection.QK.module())) {
        layers = Math.max(layers, Integer.parseInt(module.group(1)) + 1);
        heads = property.getValue().elements().size();
      }
    }
    return FileShape.of(layers, heads);
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    Heavy heavy =
        options
            .heavy()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The file (%s) ranks channels; it does not say how many channels and tokens a step reads."
                            .formatted(source.path()),
                        "give --heavy-channels 32 --heavy-tokens 512 --heavy-projection qk, as its"
                            + " runtime is given."));
    if (heavy.channels() < 1 || heavy.channels() > model.attention().headDim().count()) {
      throw new BadInputException(
          "The heavy channels (%d) are not in 1..%d, the head_dim."
              .formatted(heavy.channels(), model.attention().headDim().count()),
          "give a quarter of the head_dim.");
    }
    JsonField root = source.json();
    requireKnown(root, model);
    int group = model.attention().groupSize();
    List<List<List<Integer>>> ranked = new ArrayList<>();
    for (int layer = 0; layer < model.layers().count(); layer++) {
      ranked.add(ranking(root, model, layer, heavy.projection()));
    }
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              List<List<Integer>> layer = ranked.get(id.layer().value());
              int head =
                  heavy.projection() == Projection.K
                      ? id.head().value() / group
                      : id.head().value();
              return new ImportedHeads.Rule(
                  new Dense(),
                  Optional.of(
                      new HeavyChannels(
                          layer.get(head).subList(0, heavy.channels()), heavy.tokens())),
                  "The first %d channels of %s."
                      .formatted(heavy.channels(), heavy.projection().module()));
            }),
        List.of(
            "Prompts are read dense; channels and tokens are of decoding, as the options said."));
  }

  private static void requireKnown(JsonField root, ModelIdentity model) {
    for (Map.Entry<String, JsonField> property : root.properties()) {
      Matcher module = MODULE.matcher(property.getKey());
      if (!module.matches()) {
        throw property.getValue().refuse("is of no module of a layer");
      }
      root.index(module.group(1), model.layers().count(), "layers");
    }
  }

  private static String key(int layer, Projection projection) {
    return "model.layers.%d.self_attn.%s".formatted(layer, projection.module());
  }

  /** All channels of each head of the projection, checked to be each once. */
  private static List<List<Integer>> ranking(
      JsonField root, ModelIdentity model, int layer, Projection projection) {
    int heads =
        projection == Projection.K
            ? model.attention().kvHeads().count()
            : model.attention().queryHeads().count();
    int headDim = model.attention().headDim().count();
    String name = key(layer, projection);
    if (!root.has(name)) {
      throw root.refuse("lacks the key \"%s\"".formatted(name));
    }
    var rows = new ArrayList<List<Integer>>();
    for (JsonField row :
        root.at(name).elements(heads, projection == Projection.K ? "KV heads" : "query heads")) {
      var seen = new BitSet(headDim);
      var channels = new ArrayList<Integer>();
      for (JsonField channel : row.elements(headDim, "channels of a head")) {
        int number = channel.integer(0, headDim - 1);
        if (seen.get(number)) {
          throw channel.refuse("is listed twice in its head");
        }
        seen.set(number);
        channels.add(number);
      }
      rows.add(channels);
    }
    return rows;
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    Optional<JsonField> kept = grid.kept().map(PeerSource::json);
    var losses = new TreeSet<String>();
    ObjectNode root =
        kept.map(JsonField::object).orElseGet(() -> JsonFile.mapper().createObjectNode());
    int headDim = plan.model().attention().headDim().count();
    Tokens tokens = heavyOf(grid, grid.layers().getFirst().getFirst()).budget();
    losses.add("The runtime is told its number of tokens (%s) by a flag.".formatted(tokens));
    for (List<PlannedHead> layer : grid.layers()) {
      int index = layer.getFirst().layer().value();
      Optional<Projection> from =
          kept.flatMap(field -> projectionOf(field, plan.model(), index, layer));
      var rows = JsonFile.mapper().createArrayNode();
      for (PlannedHead head : layer) {
        HeavyChannels heavy = heavyOf(grid, head);
        if (!tokens.equals(heavy.budget())) {
          throw grid.refuse(
              head,
              heavy,
              "where others read %s tokens, and there is one number".formatted(tokens));
        }
        addRanking(rows.addArray(), heavy, headDim);
      }
      if (from.isEmpty()) {
        root.set(key(index, Projection.QK), rows);
        losses.add("Channels after those of the plan are written in their order.");
      }
    }
    return Exported.text(
        "channels.json", JsonFile.mapper().writeValueAsString(root) + "\n", List.copyOf(losses));
  }

  /** The kept ranking that begins with what every head of the layer runs. */
  private static Optional<Projection> projectionOf(
      JsonField kept, ModelIdentity model, int layer, List<PlannedHead> heads) {
    for (Projection projection : Projection.values()) {
      if (kept.has(key(layer, projection))) {
        List<List<Integer>> rows = ranking(kept, model, layer, projection);
        int group = heads.size() / rows.size();
        if (heads.stream()
            .allMatch(
                head ->
                    head.decodeOrPrefill() instanceof HeavyChannels heavy
                        && rows.get(head.head().value() / group)
                            .subList(0, heavy.channels().size())
                            .equals(heavy.channels()))) {
          return Optional.of(projection);
        }
      }
    }
    return Optional.empty();
  }

  private static HeavyChannels heavyOf(HeadGrid grid, PlannedHead head) {
    if (!head.readsPromptsDense()) {
      throw grid.refuse(head, head.prefill(), "where this runtime reads prompts dense");
    }
    return switch (head.decodeOrPrefill()) {
      case HeavyChannels heavy -> heavy;
      case Pattern other -> throw grid.refuse(head, other);
    };
  }

  private static void addRanking(ArrayNode row, HeavyChannels heavy, int headDim) {
    var seen = new BitSet(headDim);
    heavy
        .channels()
        .forEach(
            channel -> {
              seen.set(channel);
              row.add(channel);
            });
    for (int channel = seen.nextClearBit(0);
        channel < headDim;
        channel = seen.nextClearBit(channel + 1)) {
      row.add(channel);
    }
  }
}
