package io.sparseplan.report.view;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.plan.Plan;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a reviewer must know: the plan's own warnings, and what only the evaluation shows. */
final class Warnings {
  private Warnings() {}

  static List<String> of(Plan plan, Optional<Evaluation> evaluation) {
    Stream<String> notHeldOut =
        evaluation.stream()
            .filter(run -> run.plan().isPresent() && !run.heldOut())
            .map(
                run ->
                    "The evaluation ran on prompts that the plan was made from: its measured"
                        + " figures look better than on new prompts.");
    return Stream.concat(plan.warnings().stream(), notHeldOut).toList();
  }
}
