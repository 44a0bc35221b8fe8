package io.sparseplan.plans.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.CoveringVerticalSlash.Share;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * MInference's list of layers, each an object from the query head's number to {@code [type,
 * vertical, slash, score]}. The score is read by nobody; in some published files it is a recall, in
 * others a count of errors, so that larger is better in the one and worse in the other.
 */
final class MInferenceFormat implements PlanFormat {
  private static final String LINES = "vertical_and_slash";
  private static final String FLEXIBLE_LINES = "flex_vertical_and_slash";
  private static final String STREAMING = "stream_llm";
  private static final String BLOCKS = "block_sparse";

  private static final TileSize TILE = new TileSize(64);

  /** The runtime takes so many blocks whatever an entry of this type says. */
  private static final Tokens BUDGET_OF_BLOCKS = Tokens.of(100 * 64);

  private static final int MOST_LINES = 1 << 24;

  /** Recalls are sums of float32 softmax weights, and may pass 1 by as much. */
  private static final double MOST_RECALL = 1.001;

  private final Reader reader;

  /** Who reads the file. */
  private enum Reader {
    MINFERENCE,
    /** vLLM's and SGLang's dual-chunk attention, which knows one type alone. */
    DUAL_CHUNK
  }

  private MInferenceFormat(Reader reader) {
    this.reader = reader;
  }

  static MInferenceFormat ofMInference() {
    return new MInferenceFormat(Reader.MINFERENCE);
  }

  static MInferenceFormat ofDualChunk() {
    return new MInferenceFormat(Reader.DUAL_CHUNK);
  }

  @Override
  public String name() {
    return switch (reader) {
      case MINFERENCE -> "minference";
      case DUAL_CHUNK -> "dual-chunk";
    };
  }

  @Override
  public String system() {
    return switch (reader) {
      case MINFERENCE -> "MInference";
      case DUAL_CHUNK -> "Qwen2.5-1M, vLLM and SGLang dual-chunk attention";
    };
  }

  @Override
  public String file() {
    return switch (reader) {
      case MINFERENCE -> "JSON list[layer] of head → [type, vertical, slash, score]";
      case DUAL_CHUNK -> "sparse_attention_config.json: the same, vertical_and_slash alone";
    };
  }

  @Override
  public String loses() {
    return "the meaning of the score, which the file does not say";
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
    JsonNode first = source.json().node().path(0).path("0").path(0);
    boolean ofQwen = source.mainName().contains("1M") || source.mainName().startsWith("sparse_");
    return first.isString() && ofQwen == (reader == Reader.DUAL_CHUNK);
  }

  @Override
  public FileShape shape(PeerSource source) {
    List<JsonField> layers = source.json().elements();
    return FileShape.of(
        layers.size(), layers.isEmpty() ? 0 : layers.getFirst().properties().size());
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    List<List<JsonField>> entries = entries(source, model);
    requireOneKind(entries);
    ScoreMeaning meaning = ScoreMeaning.of(entries);
    var warnings = new ArrayList<String>();
    warnings.add("Its scores are " + meaning.text() + "; no score is the loss of a plan.");
    if (reader == Reader.DUAL_CHUNK) {
      warnings.add(
          "Its runtime is sparse above sparse_attention_threshold (32768 tokens unless set), and dense below.");
    }
    return new ImportedHeads(
        TILE,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              JsonField entry = entries.get(id.layer().value()).get(id.head().value());
              return ImportedHeads.Rule.both(
                  pattern(entry), "The file has %s.".formatted(entry.node()));
            }),
        warnings);
  }

  private static List<List<JsonField>> entries(PeerSource source, ModelIdentity model) {
    return source.json().elements(model.layers().count(), "layers").stream()
        .map(layer -> layer.numbered(model.attention().queryHeads().count(), "query heads"))
        .toList();
  }

  private Pattern pattern(JsonField entry) {
    List<JsonField> slots = entry.elements(4, "slots: type, vertical, slash, score");
    String type = slots.getFirst().text();
    if (reader == Reader.DUAL_CHUNK && !type.equals(LINES)) {
      throw slots.getFirst().refuse("is not vertical_and_slash, the one type of this runtime");
    }
    return switch (type) {
      case LINES -> {
        int vertical = slots.get(1).integer(1, MOST_LINES);
        // The runtime of dual-chunk attention replaces 30 columns by 130.
        yield new VerticalSlash(
            reader == Reader.DUAL_CHUNK && vertical == 30 ? 130 : vertical,
            slots.get(2).integer(1, MOST_LINES));
      }
      case FLEXIBLE_LINES -> new CoveringVerticalSlash(share(slots.get(1)), share(slots.get(2)));
      case STREAMING ->
          new ElasticSpan(
              Tokens.of(slots.get(1).integer(0, MOST_LINES)),
              Tokens.of(slots.get(2).integer(1, MOST_LINES)),
              0);
      case BLOCKS -> {
        slots.get(1).number();
        slots.get(2).number();
        yield new BlockTopK(BUDGET_OF_BLOCKS, 0);
      }
      default ->
          throw slots
              .getFirst()
              .refuse(
                  "is none of %s, %s, %s and %s"
                      .formatted(LINES, FLEXIBLE_LINES, STREAMING, BLOCKS));
    };
  }

  private static Share share(JsonField slot) {
    List<JsonField> pair = slot.elements(2, "numbers: share and cap");
    return new Share(pair.get(0).number(0, 1), pair.get(1).integer(1, MOST_LINES));
  }

  /** The runtime reads budgets as numbers in all heads, or as shares in all. */
  private static void requireOneKind(List<List<JsonField>> entries) {
    JsonNode first = entries.getFirst().getFirst().node();
    for (List<JsonField> layer : entries) {
      for (JsonField entry : layer) {
        if (entry.node().path(1).isArray() != first.path(1).isArray()) {
          throw entry.refuse("has a budget of another kind than the first head, " + first);
        }
      }
    }
  }

  /** What the last slot of every entry means. */
  private enum ScoreMeaning {
    RECALL("recalls, larger is better"),
    ERRORS("counts of errors, smaller is better"),
    UNKNOWN("all 0 or 1, which may be recalls or counts of errors");

    private final String text;

    ScoreMeaning(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    /**
     * @throws BadInputException if some can only be recalls and others only counts
     */
    static ScoreMeaning of(List<List<JsonField>> entries) {
      Optional<JsonField> recall = Optional.empty();
      Optional<JsonField> count = Optional.empty();
      for (List<JsonField> layer : entries) {
        for (JsonField entry : layer) {
          JsonField slot = entry.elements(4, "slots: type, vertical, slash, score").get(3);
          double score = slot.number(0, Integer.MAX_VALUE);
          if (score > MOST_RECALL) {
            count = Optional.of(slot);
          } else if (score != Math.rint(score)) {
            recall = Optional.of(slot);
          }
        }
      }
      if (recall.isPresent() && count.isPresent()) {
        throw count
            .get()
            .refuse(
                "is a count of errors, where %s (%s) is a recall: their directions are opposite"
                    .formatted(recall.get().place(), recall.get().node()));
      }
      return recall.isPresent() ? RECALL : count.isPresent() ? ERRORS : UNKNOWN;
    }
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    Optional<List<List<JsonField>>> old = grid.kept().map(source -> entries(source, plan.model()));
    var losses = new TreeSet<String>();
    ArrayNode root = JsonFile.mapper().createArrayNode();
    for (List<PlannedHead> layer : grid.layers()) {
      ObjectNode heads = root.addObject();
      for (PlannedHead head : layer) {
        heads.set(
            Integer.toString(head.head().value()),
            old.map(kept -> kept.get(head.layer().value()).get(head.head().value()))
                .filter(entry -> pattern(entry).equals(head.prefill()) && head.decode().isEmpty())
                .map(JsonField::node)
                .orElseGet(() -> entry(grid, head, losses)));
      }
    }
    String text = JsonFile.mapper().writeValueAsString(root) + "\n";
    requireOneKind(
        entries(new PeerSource("export", Map.of("export", text.getBytes(UTF_8))), plan.model()));
    return Exported.text(
        reader == Reader.DUAL_CHUNK ? "sparse_attention_config.json" : "best_pattern.json",
        text,
        List.copyOf(losses));
  }

  private JsonNode entry(HeadGrid grid, PlannedHead head, TreeSet<String> losses) {
    ArrayNode entry = JsonFile.mapper().createArrayNode();
    switch (grid.inBothPhases(head)) {
      case VerticalSlash(int columns, int diagonals) ->
          entry.add(LINES).add(columns).add(diagonals);
      case ElasticSpan(var sink, var alpha, double beta)
          when reader == Reader.MINFERENCE && beta == 0 && alpha.count() > 0 ->
          entry.add(STREAMING).add(sink.count()).add(alpha.count());
      case BlockTopK blocks
          when reader == Reader.MINFERENCE
              && blocks.alpha().equals(BUDGET_OF_BLOCKS)
              && blocks.beta() == 0 ->
          entry.add(BLOCKS).add(100).add(100);
      case CoveringVerticalSlash(Share columns, Share diagonals)
          when reader == Reader.MINFERENCE -> {
        entry.add(FLEXIBLE_LINES);
        entry.addArray().add(columns.coverage()).add(columns.most());
        entry.addArray().add(diagonals.coverage()).add(diagonals.most());
      }
      case Pattern other -> throw grid.refuse(head, other);
    }
    losses.add("The score of heads that the file did not have before is written as 0.");
    return entry.add(0.0);
  }
}
