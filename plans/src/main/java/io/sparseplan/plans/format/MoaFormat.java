package io.sparseplan.plans.format;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.BandOfBlocks;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/**
 * MoA's plan: two matrices of numbers, {@code alphas} and {@code betas}, {@code [layer][query
 * head]}. A head's span at N tokens is α + β·N; see {@link BandOfBlocks} for how it is rounded.
 */
final class MoaFormat implements PlanFormat {
  private static final String ALPHAS = "alphas";
  private static final String BETAS = "betas";

  @Override
  public String name() {
    return "moa";
  }

  @Override
  public String system() {
    return "MoA";
  }

  @Override
  public String file() {
    return "JSON {alphas, betas}, [layer][query head]";
  }

  @Override
  public String loses() {
    return "a sink other than 64 tokens, and rounding up to tiles: spans are cut to blocks of 64";
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.LEFT_OUT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".json") && source.json().has(ALPHAS);
  }

  @Override
  public FileShape shape(PeerSource source) {
    List<JsonField> layers = source.json().at(ALPHAS).elements();
    return FileShape.of(layers.size(), layers.isEmpty() ? 0 : layers.getFirst().elements().size());
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    JsonField root = source.json();
    root.requireOnly(Set.of(ALPHAS, BETAS));
    List<List<JsonField>> alphas = matrix(root.at(ALPHAS), model);
    List<List<JsonField>> betas = matrix(root.at(BETAS), model);
    return new ImportedHeads(
        new TileSize(BandOfBlocks.BLOCK_TOKENS),
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              JsonField alpha = alphas.get(id.layer().value()).get(id.head().value());
              JsonField beta = betas.get(id.layer().value()).get(id.head().value());
              return ImportedHeads.Rule.both(
                  rule(alpha, beta),
                  "MoA's rule: α = %s, β = %s.".formatted(alpha.number(), beta.number()));
            }),
        List.of(
            "N is the prompt's length, as in MoA's search; its runtime adds max_new_token (1024 unless set)."));
  }

  private static List<List<JsonField>> matrix(JsonField field, ModelIdentity model) {
    return field.elements(model.layers().count(), "layers").stream()
        .map(row -> row.elements(model.attention().queryHeads().count(), "query heads"))
        .toList();
  }

  private static Pattern rule(JsonField alpha, JsonField beta) {
    double share = beta.number(0, 1);
    double tokens = alpha.number();
    try {
      return new BandOfBlocks(tokens, share);
    } catch (IllegalArgumentException e) {
      throw alpha.refuse("is no span with the beta %s: %s".formatted(share, e.getMessage()));
    }
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    var losses = new TreeSet<String>();
    ObjectNode root = JsonFile.mapper().createObjectNode();
    var alphas = new ArrayList<List<Double>>();
    var betas = new ArrayList<List<Double>>();
    for (List<BandOfBlocks> layer : grid.map(head -> rule(grid, head, losses))) {
      alphas.add(layer.stream().map(BandOfBlocks::alphaTokens).toList());
      betas.add(layer.stream().map(BandOfBlocks::beta).toList());
    }
    root.set(ALPHAS, JsonFile.mapper().valueToTree(alphas));
    root.set(BETAS, JsonFile.mapper().valueToTree(betas));
    return Exported.text(
        "moa_config_plan.json",
        JsonFile.mapper().writeValueAsString(root) + "\n",
        List.copyOf(losses));
  }

  private static BandOfBlocks rule(HeadGrid grid, PlannedHead head, Set<String> losses) {
    Pattern pattern = grid.inBothPhases(head);
    return switch (pattern) {
      case BandOfBlocks rule -> rule;
      case Dense() -> new BandOfBlocks(0, 1);
      case ElasticSpan(var sink, var alpha, double beta) -> {
        if (alpha.count() == 0 && beta == 0) {
          throw grid.refuse(head, pattern, "a span of no tokens");
        }
        losses.add(
            "MoA cuts a span to whole blocks of 64 tokens, where the plan rounds it up to tiles of %d."
                .formatted(grid.plan().layout().tile().tokens()));
        if (sink.count() != BandOfBlocks.BLOCK_TOKENS) {
          losses.add("MoA's sink is 64 tokens, where the plan has %s.".formatted(sink));
        }
        yield new BandOfBlocks(alpha.count(), beta);
      }
      default -> throw grid.refuse(head, pattern);
    };
  }
}
