package io.sparseplan.profiler.evaluate;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Measures a plan beside dense attention, or dense attention alone. */
public final class Evaluator {
  private final ModelIdentity identity;
  private final Optional<? extends HeadPlan> plan;
  private final PlanRuns runs;

  /**
   * @param identity of the model that the backend runs
   * @throws BadInputException if the plan is for other weights or is not causal
   */
  public Evaluator(ModelIdentity identity, Backend backend, Optional<? extends HeadPlan> plan) {
    this.identity = identity;
    this.plan = plan;
    this.runs = new PlanRuns(identity, backend, plan.map(List::<HeadPlan>of).orElse(List.of()));
  }

  /**
   * @param run asked for when all prompts have run
   */
  public Evaluation evaluate(List<Prompt> prompts, Progress progress, Supplier<Run> run) {
    PlanRuns.Measurements measured = runs.measure(prompts, progress);
    PromptSet promptSet = PromptSet.of(prompts.stream().map(Prompt::member).toList());
    return new Evaluation(
        SchemaVersion.CURRENT,
        Tool.THIS,
        identity,
        promptSet,
        plan.map(given -> isHeldOut(given, promptSet)).orElse(true),
        measured.dense(),
        measured.plans().stream().findFirst(),
        run.get());
  }

  /** A plan that was imported was made from none of these prompts, as far as its file says. */
  private static boolean isHeldOut(HeadPlan plan, PromptSet promptSet) {
    return switch (plan) {
      case Plan searched -> searched.calibration().promptSet().isDisjointFrom(promptSet);
      case ImportedPlan imported -> true;
    };
  }
}
