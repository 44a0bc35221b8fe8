package io.sparseplan.plans.plan;

import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import java.util.List;
import java.util.Optional;

/** What one head runs, wherever that was decided. */
public sealed interface PlannedHead permits HeadDecision, ImportedHead {
  LayerIndex layer();

  HeadIndex head();

  /** The pattern for the prompt; where it is a rule of decoding, prompts are read dense. */
  Pattern prefill();

  /** The pattern for answer tokens; where empty they run the prefill pattern. */
  Optional<Pattern> decode();

  /**
   * Of a video model, what the head runs by denoising step, {@code prefill} in most of its sparse
   * ones; empty where it runs that in all.
   */
  Optional<StepPatterns> steps();

  /** One sentence for the reviewer. */
  String why();

  default HeadId id() {
    return new HeadId(layer(), head());
  }

  /** Whether every row of a prompt sees all that it may. */
  default boolean readsPromptsDense() {
    return prefill() instanceof Dense || prefill() instanceof DecodePattern;
  }

  /** The pattern for rows of answer tokens. */
  default Pattern decodeOrPrefill() {
    return decode().orElse(prefill());
  }

  /**
   * @throws IllegalArgumentException if the list is not every head of the model in layer-major
   *     order
   */
  static void requireLayerMajor(List<? extends PlannedHead> heads, ModelIdentity model) {
    if (heads.size() != model.headCount()) {
      throw new IllegalArgumentException(
          "The plan decides for %d heads; its model has %d."
              .formatted(heads.size(), model.headCount()));
    }
    if (heads.stream().map(head -> head.steps().map(StepPatterns::count)).distinct().count() > 1) {
      throw new IllegalArgumentException("The heads must have as many denoising steps, or none.");
    }
    for (int place = 0; place < heads.size(); place++) {
      HeadId expected = HeadId.atPlace(place, model.attention().queryHeads());
      if (!heads.get(place).id().equals(expected)) {
        throw new IllegalArgumentException(
            "Entry %d of the heads is %s; layer-major order has %s there."
                .formatted(place, heads.get(place).id(), expected));
      }
    }
  }

  /**
   * @throws IllegalArgumentException if the prefill pattern is not that of most sparse steps
   */
  static void requireUsual(HeadId id, Pattern prefill, Optional<StepPatterns> steps) {
    if (steps.isPresent() && !steps.get().usual().equals(prefill)) {
      throw new IllegalArgumentException(
          "The head %s runs %s in most of its sparse steps; its prefill is %s."
              .formatted(id, steps.get().usual().label(), prefill.label()));
    }
  }
}
