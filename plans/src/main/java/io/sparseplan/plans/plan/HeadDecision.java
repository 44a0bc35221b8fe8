package io.sparseplan.plans.plan;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import java.util.Optional;

/**
 * What one head runs.
 *
 * @param prefill the pattern for the prompt
 * @param decode the pattern for answer tokens; where empty they run the prefill pattern
 * @param steps of a video model, what the head runs by denoising step, {@code prefill} in most of
 *     its sparse ones; empty where it runs that in all
 * @param loss predicted loss of this choice, in the unit of the statistic
 * @param timeShare the head's share of the plan's attention time, 0..1
 * @param why one sentence for the reviewer
 */
public record HeadDecision(
    LayerIndex layer,
    HeadIndex head,
    Pattern prefill,
    Optional<Pattern> decode,
    Optional<StepPatterns> steps,
    double loss,
    double timeShare,
    String why)
    implements PlannedHead {
  public HeadDecision {
    PlannedHead.requireUsual(new HeadId(layer, head), prefill, steps);
  }

  /** Of a model that has no denoising steps, or runs the same in all. */
  public HeadDecision(
      LayerIndex layer,
      HeadIndex head,
      Pattern prefill,
      Optional<Pattern> decode,
      double loss,
      double timeShare,
      String why) {
    this(layer, head, prefill, decode, Optional.empty(), loss, timeShare, why);
  }

  /** The same head, dense: where its plan is not vouched for. */
  HeadDecision dense(Tokens length) {
    return new HeadDecision(
        layer,
        head,
        new Dense(),
        Optional.empty(),
        Optional.empty(),
        0,
        timeShare,
        "Dense at %s tokens: the plan is vouched for up to shorter prompts.".formatted(length));
  }

  /** The same, run in some denoising steps. */
  HeadDecision during(DenoisingSteps denoising) {
    return new HeadDecision(
        layer,
        head,
        prefill,
        decode,
        Optional.of(StepPatterns.of(prefill, denoising)),
        loss,
        timeShare,
        why);
  }
}
