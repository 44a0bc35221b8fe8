package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.DenoisingSteps;
import io.sparseplan.plans.plan.DenoisingSteps.DenseFirst;
import io.sparseplan.plans.plan.DenoisingSteps.DenseLast;
import io.sparseplan.plans.plan.StepPatterns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A model whose first layers are dense, and whose others are dense in the first steps and run one
 * pattern each from then on: all that Radial Attention, Sparse VideoGen and VMoBA can say. All
 * heads of a layer run the same.
 *
 * @param denseLayers from the first on
 * @param steps of which the first are dense in the other layers too
 * @param patterns of the other layers
 */
record SparseLayers(int denseLayers, DenoisingSteps steps, List<Pattern> patterns) {
  SparseLayers {
    patterns = List.copyOf(patterns);
  }

  /** Of denoising: far more than any scheduler takes. */
  static final int MOST_STEPS = 10_000;

  static DenoisingSteps steps(int count, int dense) {
    return new DenoisingSteps(count, new DenseFirst(dense), new DenseLast(0));
  }

  /**
   * Those of heads.
   *
   * @param format for messages
   * @throws BadInputException if heads of a layer differ, or a layer is dense otherwise
   */
  static SparseLayers of(VideoHeads heads, String format) {
    List<StepPatterns> layers = heads.wholeLayers(format);
    int denseLayers = 0;
    while (denseLayers < layers.size() && layers.get(denseLayers).usual().equals(new Dense())) {
      denseLayers++;
    }
    var patterns = new ArrayList<Pattern>();
    Optional<Integer> denseSteps = Optional.empty();
    for (int layer = denseLayers; layer < layers.size(); layer++) {
      StepPatterns runs = layers.get(layer);
      Pattern pattern = runs.usual();
      int dense = pattern.equals(new Dense()) ? 0 : firstStepOf(runs, pattern);
      if (!runs.equals(StepPatterns.of(pattern, steps(heads.stepCount(), dense)))
          || pattern.equals(new Dense())
          || denseSteps.orElse(dense) != dense) {
        throw new BadInputException(
            "Layer %d runs %s; %s has dense layers and dense steps at the start alone, the same steps in all layers."
                .formatted(layer, text(runs), format),
            "search with --dense-layers and --dense-steps first=K.");
      }
      denseSteps = Optional.of(dense);
      patterns.add(pattern);
    }
    return new SparseLayers(denseLayers, steps(heads.stepCount(), denseSteps.orElse(0)), patterns);
  }

  private static int firstStepOf(StepPatterns runs, Pattern pattern) {
    return runs.ranges().stream()
        .filter(range -> range.pattern().equals(pattern))
        .findFirst()
        .orElseThrow()
        .steps()
        .first();
  }

  private static String text(StepPatterns runs) {
    return String.join(
        ", ",
        runs.ranges().stream()
            .map(
                range ->
                    "%s from step %d".formatted(range.pattern().label(), range.steps().first()))
            .toList());
  }

  /** Whether steps are told apart; where not, a plan says nothing of how many there are. */
  boolean hasSteps() {
    return steps.count() > 1;
  }

  /** The one pattern of all sparse layers; empty where no layer is sparse. */
  Optional<Pattern> onlyPattern(String format) {
    patterns.stream()
        .filter(pattern -> !pattern.equals(patterns.getFirst()))
        .findFirst()
        .ifPresent(
            other -> {
              throw new BadInputException(
                  "The layers run %s and %s; %s has one pattern for all."
                      .formatted(patterns.getFirst().label(), other.label(), format),
                  "search with one candidate beside dense.");
            });
    return patterns.stream().findFirst();
  }

  /** In a sentence. */
  String text() {
    return "of %d layers the first %d dense, of %d steps the first %d; %s"
        .formatted(
            denseLayers + patterns.size(),
            denseLayers,
            steps.count(),
            steps.first().steps(),
            patterns.isEmpty()
                ? "no layer sparse"
                : String.join(", ", patterns.stream().map(Pattern::label).distinct().toList()));
  }

  /** As heads of a model. */
  VideoHeads heads(VideoTarget target) {
    var heads = new ArrayList<StepPatterns>();
    for (int layer = 0; layer < target.layers().count(); layer++) {
      StepPatterns runs =
          layer < denseLayers
              ? StepPatterns.ofEach(Collections.nCopies(steps.count(), new Dense()))
              : StepPatterns.of(patterns.get(layer - denseLayers), steps);
      heads.addAll(Collections.nCopies(target.headsOfLayer().count(), runs));
    }
    return new VideoHeads(target.video(), target.headsOfLayer(), heads);
  }
}
