package io.sparseplan.plans.format;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * RazorAttention's heads that retrieve, {@code {"layer": [KV heads]}} as MindSpore golden-stick
 * reads them; a layer that is left out has none. msModelSlim's {@code win.pt} has two such objects,
 * {@code prefix_matching} and {@code copying}, whose union retrieves: as JSON they are read too.
 * All other heads keep a buffer and a token of averages when they decode.
 */
final class RazorAttentionFormat implements PlanFormat {
  private static final List<String> PARTS = List.of("prefix_matching", "copying");

  /** Of the paper's runs: four sink tokens, and max(4000, N ÷ 5) recent ones. */
  private static final CompensatedBuffer BUFFER =
      new CompensatedBuffer(Tokens.of(4), Tokens.of(4000), 0.2);

  @Override
  public String name() {
    return "razor-attention";
  }

  @Override
  public String system() {
    return "RazorAttention (golden-stick, msModelSlim)";
  }

  @Override
  public String file() {
    return "JSON {\"layer\": [retrieving KV heads]}";
  }

  @Override
  public String loses() {
    return "the buffer's size, which is the runtime's; which of two tests a head passed";
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    if (!source.mainName().endsWith(".json")) {
      return false;
    }
    JsonField root = source.json();
    return root.node().isObject()
        && (root.has(PARTS.getFirst())
            || !root.node().isEmpty()
                && root.properties().stream()
                    .allMatch(
                        entry ->
                            entry.getKey().matches("\\d+")
                                && entry.getValue().node().isArray()
                                && entry.getValue().node().path(0).isIntegralNumber()));
  }

  @Override
  public FileShape shape(PeerSource source) {
    return FileShape.any();
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    List<BitSet> retrieving = retrieving(source, model);
    int group = model.attention().groupSize();
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.KV_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              int kvHead = id.head().value() / group;
              return retrieving.get(id.layer().value()).get(kvHead)
                  ? ImportedHeads.Rule.both(
                      new Dense(), "The file lists KV head %d.".formatted(kvHead))
                  : new ImportedHeads.Rule(
                      new Dense(),
                      Optional.of(BUFFER),
                      "The file does not list KV head %d.".formatted(kvHead));
            }),
        List.of(
            "Sink and buffer are the paper's, 4 and max(4000, N/5) tokens; the file does not say"
                + " them."));
  }

  private static List<BitSet> retrieving(PeerSource source, ModelIdentity model) {
    JsonField root = source.json();
    List<BitSet> retrieving = Stream.generate(BitSet::new).limit(model.layers().count()).toList();
    if (root.has(PARTS.get(0)) || root.has(PARTS.get(1))) {
      root.requireOnly(Set.copyOf(PARTS));
      PARTS.forEach(part -> add(root.at(part), model, retrieving));
    } else {
      add(root, model, retrieving);
    }
    return retrieving;
  }

  private static void add(JsonField object, ModelIdentity model, List<BitSet> retrieving) {
    for (Map.Entry<String, JsonField> layer : object.properties()) {
      int index = object.index(layer.getKey(), model.layers().count(), "layers");
      var seen = new HashSet<Integer>();
      for (JsonField head : layer.getValue().elements()) {
        int kvHead = head.integer(0, model.attention().kvHeads().count() - 1);
        if (!seen.add(kvHead)) {
          throw head.refuse("is listed twice in its layer");
        }
        retrieving.get(index).set(kvHead);
      }
    }
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    var losses = new TreeSet<String>();
    var retrieving =
        grid.kvGroups().stream()
            .map(
                layer -> {
                  var heads = new BitSet();
                  for (int head = 0; head < layer.size(); head++) {
                    heads.set(head, retrieves(grid, layer.get(head), losses));
                  }
                  return heads;
                })
            .toList();
    Optional<PeerSource> kept =
        grid.kept().filter(source -> retrieving(source, plan.model()).equals(retrieving));
    ObjectNode root =
        kept.map(source -> source.json().object())
            .orElseGet(
                () -> {
                  ObjectNode layers = JsonFile.mapper().createObjectNode();
                  for (int layer = 0; layer < retrieving.size(); layer++) {
                    if (!retrieving.get(layer).isEmpty()) {
                      ArrayNode heads = layers.putArray(Integer.toString(layer));
                      retrieving.get(layer).stream().forEach(heads::add);
                    }
                  }
                  return layers;
                });
    return Exported.text("retrieval_heads.json", JsonFile.pretty(root) + "\n", List.copyOf(losses));
  }

  private static boolean retrieves(HeadGrid grid, PlannedHead head, Set<String> losses) {
    if (!head.readsPromptsDense()) {
      throw grid.refuse(head, head.prefill(), "where this runtime reads prompts dense");
    }
    return switch (head.decodeOrPrefill()) {
      case Dense() -> true;
      case CompensatedBuffer buffer -> {
        if (!buffer.equals(BUFFER)) {
          losses.add("The buffer %s becomes the runtime's own.".formatted(buffer.label()));
        }
        yield false;
      }
      case Pattern other -> throw grid.refuse(head, other);
    };
  }
}
