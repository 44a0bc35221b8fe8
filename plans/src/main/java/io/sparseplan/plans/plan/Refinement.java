package io.sparseplan.plans.plan;

import io.sparseplan.plans.profile.PromptSet;
import java.util.List;

/**
 * How a plan was searched for again by what it was measured to lose.
 *
 * @param fitting prompts whose gradients were taken at each plan
 * @param heldBack prompts that only judge: a plan is accepted if it loses less on them than the
 *     best one before
 * @param rounds the first is the plan before any refinement
 */
public record Refinement(PromptSet fitting, PromptSet heldBack, List<Round> rounds) {
  public Refinement {
    rounds = List.copyOf(rounds);
    if (rounds.isEmpty() || !rounds.getFirst().accepted()) {
      throw new IllegalArgumentException("The first round must be of the plan before refinement.");
    }
  }

  /**
   * One plan that was measured; losses are KL(dense ‖ plan), in nats a token, means over lengths by
   * their weights in the workload.
   *
   * @param predicted before it was measured: of the first plan from the profile, of others by the
   *     gradients at the best plan before
   * @param measuredOnFitting what came on the fitting prompts
   * @param measuredOnHeldBack what came on the others
   * @param changedHeads against the best plan before
   * @param timeRatio the time of the workload ÷ that of the same kernel run dense
   */
  public record Round(
      double predicted,
      double measuredOnFitting,
      double measuredOnHeldBack,
      int changedHeads,
      double timeRatio,
      boolean accepted) {
    public Round {
      if (!(predicted >= 0 && measuredOnFitting >= 0 && measuredOnHeldBack >= 0)
          || changedHeads < 0
          || !(timeRatio > 0)) {
        throw new IllegalArgumentException(
            "The losses (%s, %s, %s) and changedHeads (%d) must not be negative, the timeRatio (%s) must be positive."
                .formatted(
                    predicted, measuredOnFitting, measuredOnHeldBack, changedHeads, timeRatio));
      }
      if (!Double.isFinite(predicted + measuredOnFitting + measuredOnHeldBack + timeRatio)) {
        throw new IllegalArgumentException(
            "The losses (%s, %s, %s) and the timeRatio (%s) must be finite."
                .formatted(predicted, measuredOnFitting, measuredOnHeldBack, timeRatio));
      }
    }
  }
}
