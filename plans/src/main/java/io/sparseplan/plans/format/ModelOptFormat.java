package io.sparseplan.plans.format;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code sparse_attention_config} that NVIDIA's Model-Optimizer writes into a model's {@code
 * config.json} and TensorRT-LLM reads: one skip-softmax rule for each phase of the whole model, but
 * for modules whose name a wildcard of {@code ignore} matches. Older files have {@code sparse_algo}
 * and {@code target_sparse_ratio} at the top instead of a group.
 */
final class ModelOptFormat implements PlanFormat {
  private static final String BLOCK = "sparse_attention_config";
  private static final String GROUPS = "config_groups";
  private static final String FACTOR = "threshold_scale_factor";
  private static final String FORMULA = "a*exp(b*target_sparsity)";
  private static final String IGNORE = "ignore";

  @Override
  public String name() {
    return "modelopt";
  }

  @Override
  public String system() {
    return "NVIDIA Model-Optimizer, TensorRT-LLM skip-softmax";
  }

  @Override
  public String file() {
    return "sparse_attention_config of config.json";
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
        && (source.json().has(BLOCK)
            || source.json().has(GROUPS)
            || source.json().has("sparse_algo"));
  }

  @Override
  public FileShape shape(PeerSource source) {
    return FileShape.any();
  }

  /** Where the rule stands, and what its parts are called there. */
  private record Place(JsonField rule, String target) {
    static Place of(JsonField root) {
      JsonField block = root.has(BLOCK) ? root.at(BLOCK) : root;
      if (block.has("sparse_algo")) {
        JsonField algorithm = block.at("sparse_algo");
        if (!algorithm.text().equals("softmax_skip")) {
          throw algorithm.refuse("is not softmax_skip, the one algorithm that is imported");
        }
        return new Place(block, "target_sparse_ratio");
      }
      List<Map.Entry<String, JsonField>> groups = block.at(GROUPS).properties();
      if (groups.size() != 1) {
        throw block.at(GROUPS).refuse("has %d groups; one is imported".formatted(groups.size()));
      }
      JsonField group = groups.getFirst().getValue();
      JsonField algorithm = group.at("algorithm");
      if (!algorithm.text().equals("skip_softmax")) {
        throw algorithm.refuse("is not skip_softmax, the one algorithm that is imported");
      }
      return new Place(group, "target_sparsity");
    }

    Pattern pattern(String phase) {
      JsonField targets = rule.at(target);
      JsonField factor = rule.at(FACTOR);
      if (factor.has("formula")
          && !factor.at("formula").text().replaceAll("\\s", "").equals(FORMULA)) {
        throw factor.at("formula").refuse("is not a * exp(b * target_sparsity)");
      }
      if (!targets.node().isObject()) {
        throw targets.refuse("is not an object of phases");
      }
      if (!targets.has(phase)) {
        return new Dense();
      }
      double skipped = targets.at(phase).number(0, 1);
      JsonField scale = factor.at(phase).at("a");
      JsonField growth = factor.at(phase).at("b");
      try {
        return new SkipSoftmax(scale.number(), growth.number(), skipped);
      } catch (IllegalArgumentException e) {
        throw factor.at(phase).refuse("is no fit: " + e.getMessage());
      }
    }

    /** Whether a wildcard leaves the layer dense. */
    boolean ignores(int layer) {
      return rule.has(IGNORE)
          && rule.at(IGNORE).elements().stream()
              .anyMatch(name -> matches(name.text(), module(layer)));
    }
  }

  private static String module(int layer) {
    return "model.layers.%d.self_attn".formatted(layer);
  }

  /** As Python's {@code fnmatch}, without sets of characters. */
  private static boolean matches(String wildcard, String name) {
    var expression = new StringBuilder();
    for (char character : wildcard.toCharArray()) {
      switch (character) {
        case '*' -> expression.append(".*");
        case '?' -> expression.append('.');
        default -> expression.append(java.util.regex.Pattern.quote(Character.toString(character)));
      }
    }
    return name.matches(expression.toString());
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    Place place = Place.of(source.json());
    Pattern prefill = place.pattern("prefill");
    Pattern decode = place.pattern("decode");
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id ->
                place.ignores(id.layer().value())
                    ? ImportedHeads.Rule.both(new Dense(), "Its layer is ignored.")
                    : new ImportedHeads.Rule(
                        prefill, Optional.of(decode), "One rule for the whole model.")),
        List.of("Names in ignore are matched against " + module(0) + " and so on."));
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    List<PlannedHead> layers = grid.wholeLayers();
    Optional<JsonField> kept = grid.kept().map(PeerSource::json);
    PlannedHead sparse =
        layers.stream().filter(head -> !isDense(head)).findFirst().orElse(layers.getFirst());
    var ignored = new ArrayList<Integer>();
    for (PlannedHead head : layers) {
      if (isDense(head)) {
        ignored.add(head.layer().value());
      } else if (!head.prefill().equals(sparse.prefill())
          || !head.decodeOrPrefill().equals(sparse.decodeOrPrefill())) {
        throw grid.refuse(head, head.prefill(), "another rule than %s has".formatted(sparse.id()));
      }
    }
    ObjectNode root =
        kept.map(JsonField::object).orElseGet(() -> JsonFile.mapper().createObjectNode());
    Optional<Place> old = kept.map(Place::of);
    ObjectNode rule = old.map(place -> place.rule().object()).orElseGet(() -> newRule(root));
    ObjectNode factor =
        old.filter(place -> place.rule().has(FACTOR))
            .map(place -> place.rule().at(FACTOR).object())
            .orElseGet(() -> rule.putObject(FACTOR));
    if (!factor.has("formula") && old.isEmpty()) {
      factor.put("formula", "a * exp(b * target_sparsity)");
    }
    ObjectNode targets = rule.putObject(old.map(Place::target).orElse("target_sparsity"));
    put(grid, sparse, "prefill", PlannedHead::prefill, factor, targets);
    put(grid, sparse, "decode", PlannedHead::decodeOrPrefill, factor, targets);
    boolean ignoresTheSame =
        old.isPresent()
            && layers.stream()
                .allMatch(head -> old.get().ignores(head.layer().value()) == isDense(head));
    if (!ignoresTheSame) {
      ArrayNode names = rule.putArray(IGNORE);
      ignored.forEach(layer -> names.add(module(layer)));
    }
    return Exported.text("config.json", JsonFile.pretty(root) + "\n", List.of());
  }

  private static ObjectNode newRule(ObjectNode root) {
    ObjectNode rule = root.putObject(BLOCK).putObject(GROUPS).putObject("group_0");
    rule.put("algorithm", "skip_softmax");
    return rule;
  }

  private static boolean isDense(PlannedHead head) {
    return head.prefill().equals(new Dense()) && head.decodeOrPrefill().equals(new Dense());
  }

  private static void put(
      HeadGrid grid,
      PlannedHead head,
      String phase,
      Function<PlannedHead, Pattern> patternOf,
      ObjectNode factor,
      ObjectNode targets) {
    switch (patternOf.apply(head)) {
      case Dense() -> {}
      case SkipSoftmax(double scale, double growth, double skipped) -> {
        factor.putObject(phase).put("a", scale).put("b", growth);
        targets.put(phase, skipped);
      }
      case Pattern other -> throw grid.refuse(head, other);
    }
  }
}
