package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.format.ScoredHeads.HeadScore;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * DuoAttention's directory: the gates of KV heads ({@link GateTable}) and {@code config.json}, of
 * which its loader reads {@code sink_size} and {@code recent_size}. Gates are scores; a share of
 * sparse heads makes them a plan, unless all of them are 0 or 1.
 */
final class DuoAttentionFormat implements PlanFormat, ScoresFormat {
  private static final String CONFIG = "config.json";
  private static final String SINK = "sink_size";
  private static final String RECENT = "recent_size";
  private static final int MOST_TOKENS = 1 << 24;

  @Override
  public String name() {
    return "duo-attention";
  }

  @Override
  public String system() {
    return "DuoAttention";
  }

  @Override
  public String file() {
    return "directory of full_attention_heads.tsv [layer × KV head] and config.json";
  }

  @Override
  public String loses() {
    return "the gates, where a plan was made of them: they become 0 and 1";
  }

  @Override
  public List<String> fileNames() {
    return List.of(GateTable.FILE, CONFIG);
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".tsv") && !source.parts().containsKey(LserveFormat.FLAGS);
  }

  @Override
  public FileShape shape(PeerSource source) {
    List<List<Double>> gates = GateTable.parse(source).gates();
    return FileShape.of(gates.size(), gates.getFirst().size());
  }

  @Override
  public ScoredHeads read(PeerSource source, ModelIdentity model) {
    return scores(GateTable.parse(source).requireOf(source, model).scores());
  }

  private static ScoredHeads scores(List<List<HeadScore>> gates) {
    return new ScoredHeads(HeadAxis.KV_HEAD, "trained gate of full attention", gates);
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    GateTable table = GateTable.parse(source).requireOf(source, model);
    JsonField config = source.json(CONFIG);
    config.object();
    Tokens sink = options.sink().orElseGet(() -> tokens(config.at(SINK), 0));
    Tokens recent = options.recent().orElseGet(() -> tokens(config.at(RECENT), 1));
    var streaming = new ElasticSpan(sink, recent, 0);
    List<List<Boolean>> sparse = sparse(table, options);
    int group = model.attention().groupSize();
    var warnings = new ArrayList<String>();
    if (options.sink().isEmpty() && options.recent().isEmpty()) {
      warnings.add(
          "Streaming heads have the sizes of training (sink %s, recent %s); DuoAttention's README runs them with 64 and 256."
              .formatted(sink, recent));
    }
    warnings.add(
        "DuoAttention keeps the first chunk of a prefill dense in every head; the plan does not.");
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.KV_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              int layer = id.layer().value();
              int kvHead = id.head().value() / group;
              return ImportedHeads.Rule.both(
                  sparse.get(layer).get(kvHead) ? streaming : new Dense(),
                  "The gate of KV head %d is %s."
                      .formatted(kvHead, table.gates().get(layer).get(kvHead)));
            }),
        warnings);
  }

  private static Tokens tokens(JsonField field, int least) {
    return Tokens.of(field.integer(least, MOST_TOKENS));
  }

  /** Which KV heads stream, by the options or because the table says nothing else. */
  static List<List<Boolean>> sparse(GateTable table, ImportOptions options) {
    if (table.decides()) {
      return table.gates().stream()
          .map(row -> row.stream().map(gate -> gate == 0).toList())
          .toList();
    }
    double sparsity =
        options
            .sparsity()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The gates are scores, no decisions: they do not say how many heads"
                            + " stream.",
                        "give --sparsity 0.5 for a plan in which half of the KV heads do."));
    return SparsestHeads.of(scores(table.clipped()), sparsity);
  }

  @Override
  public boolean decides(PeerSource source, ModelIdentity model) {
    return GateTable.parse(source).requireOf(source, model).decides();
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    var streaming = new OneSpan(grid);
    List<List<Double>> gates =
        grid.kvGroups().stream()
            .map(layer -> layer.stream().map(head -> gate(grid, head, streaming)).toList())
            .toList();
    ElasticSpan span = streaming.span();
    ObjectNode config =
        grid.kept()
            .map(kept -> kept.json(CONFIG).object())
            .orElseGet(() -> JsonFile.mapper().createObjectNode());
    config.put(SINK, span.sink().count()).put(RECENT, span.alpha().count());
    var losses = new ArrayList<String>();
    if (grid.kept().filter(kept -> !GateTable.parse(kept).decides()).isPresent()) {
      losses.add("The gates became 0 and 1; export the scores to keep them.");
    }
    return new Exported(files(new GateTable(gates), config), losses);
  }

  private static double gate(HeadGrid grid, PlannedHead head, OneSpan streaming) {
    return switch (grid.inBothPhases(head)) {
      case Dense() -> 1.0;
      case ElasticSpan span -> {
        streaming.require(head, span);
        yield 0.0;
      }
      case Pattern other -> throw grid.refuse(head, other);
    };
  }

  private static Map<String, byte[]> files(GateTable gates, ObjectNode config) {
    var files = new LinkedHashMap<String, byte[]>();
    files.put(GateTable.FILE, gates.text().getBytes(StandardCharsets.UTF_8));
    files.put(
        CONFIG, JsonFile.mapper().writeValueAsString(config).getBytes(StandardCharsets.UTF_8));
    return files;
  }

  @Override
  public Exported write(HeadScores scores) {
    if (scores.scores().axis() != HeadAxis.KV_HEAD || !scores.imported().format().equals(name())) {
      throw new BadInputException(
          "The scores are of %s; DuoAttention's are trained gates of KV heads."
              .formatted(scores.imported().format()),
          "make a plan of them with --sparsity and export that.");
    }
    List<List<Double>> gates =
        scores.scores().layers().stream()
            .map(layer -> layer.stream().map(HeadScore::mean).toList())
            .toList();
    ObjectNode config = PeerSource.of(scores.imported()).json(CONFIG).object();
    return new Exported(files(new GateTable(gates), config), List.of());
  }

  /** The one span that all streaming heads of a plan have to share. */
  static final class OneSpan {
    private final HeadGrid grid;
    private Optional<ElasticSpan> found = Optional.empty();

    OneSpan(HeadGrid grid) {
      this.grid = grid;
    }

    void require(PlannedHead head, ElasticSpan span) {
      if (span.beta() > 0 || span.alpha().count() == 0) {
        throw grid.refuse(head, span, "a window that grows with the length or is empty");
      }
      if (found.isPresent() && !found.get().equals(span)) {
        throw grid.refuse(
            head,
            span,
            "where others run %s, and there is one size".formatted(found.get().label()));
      }
      found = Optional.of(span);
    }

    ElasticSpan span() {
      return found.orElseThrow(
          () ->
              new BadInputException(
                  "No head of the plan streams, so that %s has no sizes to write."
                      .formatted(grid.format()),
                  "there is nothing to export: every head is dense."));
    }
  }
}
