package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.DenseEnds;
import io.sparseplan.plans.plan.HeadSelector;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Pin;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.ModelHeads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pins and dense layers, in terms of the heads of a model and of the candidates of a profile. */
public final class PinnedHeads {
  private final HeadGroups groups;
  private final List<Pattern> candidates;
  private final int[] pinned;
  private final String[] by;

  private PinnedHeads(HeadGroups groups, List<Pattern> candidates) {
    this.groups = groups;
    this.candidates = candidates;
    this.pinned = new int[groups.heads().count()];
    this.by = new String[pinned.length];
    Arrays.fill(pinned, ChoiceRules.FREE);
  }

  /**
   * Checks the rules before anything long is started.
   *
   * @throws BadInputException if they name a layer, head or candidate that there is not, or
   *     contradict each other
   */
  public static void requireFit(
      Rules rules, LayerCount layers, AttentionShape attention, List<Pattern> candidates) {
    of(rules, HeadGroups.of(layers, attention, rules.granularity()), candidates);
  }

  /**
   * The candidate that each head is given, or {@link ChoiceRules#FREE}.
   *
   * @throws BadInputException as {@link #requireFit} does
   */
  static int[] of(Rules rules, HeadGroups groups, List<Pattern> candidates) {
    var heads = new PinnedHeads(groups, candidates);
    heads.pinEnds(rules.denseLayers());
    rules.pins().forEach(heads::pin);
    rules.maxPatternsPerLayer().ifPresent(heads::requireFew);
    return heads.pinned;
  }

  private void pinEnds(DenseEnds ends) {
    int layers = groups.queryHeads().layers();
    int first = ends.first().layers();
    int last = ends.last().layers();
    if (first > layers || last > layers) {
      throw new BadInputException(
          "The dense layers (first=%d,last=%d) are more than the model's %d layers."
              .formatted(first, last, layers),
          "ask for fewer.");
    }
    int dense = candidates.indexOf(new Dense());
    for (int place = 0; place < groups.queryHeads().count(); place++) {
      int layer = groups.queryHeads().layerOf(place);
      if (layer < first || layer >= layers - last) {
        give(place, dense, "the dense layers first=%d,last=%d".formatted(first, last));
      }
    }
  }

  private void pin(Pin pin) {
    requireKnown(pin.heads(), pin);
    int candidate = candidates.stream().map(Pattern::label).toList().indexOf(pin.candidate());
    if (candidate < 0) {
      throw new BadInputException(
          "The pin (%s) names the candidate %s; the profile has %s."
              .formatted(
                  pin,
                  pin.candidate(),
                  String.join(", ", candidates.stream().map(Pattern::label).toList())),
          "choose one of those, or profile with more candidates.");
    }
    for (int place = 0; place < groups.queryHeads().count(); place++) {
      if (pin.heads().selects(idOf(place))) {
        give(place, candidate, "the pin %s".formatted(pin));
      }
    }
  }

  private HeadId idOf(int place) {
    return HeadId.atPlace(place, groups.queryHeads().headsOfLayer());
  }

  private void requireKnown(HeadSelector selector, Pin pin) {
    ModelHeads heads = groups.queryHeads();
    boolean knowsLayer = selector.layer().map(at -> at.value() < heads.layers()).orElse(true);
    boolean knowsHead = selector.head().map(at -> at.value() < heads.inLayer()).orElse(true);
    if (!knowsLayer || !knowsHead) {
      throw new BadInputException(
          "The pin (%s) names %s %d; the model has %s 0..%d."
              .formatted(
                  pin,
                  knowsLayer ? "head" : "layer",
                  knowsLayer
                      ? selector.head().orElseThrow().value()
                      : selector.layer().orElseThrow().value(),
                  knowsLayer ? "heads" : "layers",
                  (knowsLayer ? heads.inLayer() : heads.layers()) - 1),
          "count from 0.");
    }
  }

  private void give(int place, int candidate, String source) {
    int group = groups.groupOf(place);
    if (pinned[group] != ChoiceRules.FREE && pinned[group] != candidate) {
      throw new BadInputException(
          "Head %s is given %s by %s and %s by %s."
              .formatted(
                  idOf(place) + (groups.groupSize() > 1 ? ", with all of its key-value head," : ""),
                  candidates.get(pinned[group]).label(),
                  by[group],
                  candidates.get(candidate).label(),
                  source),
          groups.groupSize() > 1
              ? "pin all heads of a group alike, or decide for each query head."
              : "leave out one of them.");
    }
    pinned[group] = candidate;
    by[group] = source;
  }

  private void requireFew(MaxPatterns most) {
    for (int layer = 0; layer < groups.heads().layers(); layer++) {
      List<String> given = new ArrayList<>();
      Arrays.stream(groups.heads().ofLayer(pinned, layer))
          .filter(candidate -> candidate != ChoiceRules.FREE)
          .distinct()
          .forEach(candidate -> given.add(candidates.get(candidate).label()));
      if (given.size() > most.ofLayer()) {
        throw new BadInputException(
            "The pins give layer %d %d patterns (%s); a layer may run %d."
                .formatted(layer, given.size(), String.join(", ", given), most.ofLayer()),
            "pin fewer patterns, or raise --max-patterns-per-layer.");
      }
    }
  }
}
