package io.sparseplan.search;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Churn;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.SearchStep.Stage;
import io.sparseplan.plans.refinement.PromptChanges;
import io.sparseplan.search.problem.ChangedLosses;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Searches again near a plan, by what changes of that plan do to the measured loss.
 *
 * <p>Such losses are right for one change at a time. Two heads that change may do more or less than
 * both alone, so only a share of the heads may change in one round (a trust region; Nocedal and
 * Wright, Numerical Optimization, chapter 4). All limits and rules of the goal hold.
 */
public final class PlanRefinement {
  private PlanRefinement() {}

  /**
   * @param plan what was found, its losses still those of the profile
   * @param predictedLoss of the plan by the changes, mean over the workload
   */
  public record Result(Plan plan, double predictedLoss) {}

  /**
   * Finds the plan that is predicted to lose least, or where time is to be least to be the fastest,
   * near another.
   *
   * @param request as the plan was searched for
   * @param changes at that plan, on prompts of every length of the workload
   * @param maxShare of the heads may change, 0..1; where the goal limits churn against an older
   *     plan, that limit holds instead
   * @throws NoFeasiblePlanException if no plan was found that keeps to every limit
   */
  public static Result search(
      SearchRequest request,
      Plan plan,
      List<PromptChanges> changes,
      double maxShare,
      SearchProgress progress) {
    ChangedLosses changed = ChangedLosses.of(changes, request.workload());
    SearchRequest near = near(request, plan, maxShare);
    var setting = SearchSetting.of(request);
    var changedSetting = setting.with(near, changed.losses());
    SearchProblem problem = changedSetting.problem(goal(near.goal(), changed.leftOut()));
    FoundPlan found =
        new HeadSearch(problem, request.effort(), setting.blocksOfLayer(), request.seed(), progress)
            .searched();
    double predicted = problem.losses().total(found.choice()) + changed.leftOut();
    return new Result(described(setting, request, plan, found), Math.max(0, predicted));
  }

  private static SearchRequest near(SearchRequest request, Plan plan, double maxShare) {
    if (request.goal().rules().churn().isPresent()) {
      return request;
    }
    Sha256 ofHeads = Sha256.of(plan.heads().toString().getBytes(StandardCharsets.UTF_8));
    var churn = new Churn(ofHeads, maxShare);
    return request
        .withBaseline(Optional.of(plan))
        .withGoal(request.goal().withRules(request.goal().rules().withChurn(churn)));
  }

  private static Goal goal(Goal asked, double leftOut) {
    return switch (asked.aim()) {
      case Aim.LeastLoss() -> asked;
      case Aim.LeastTime(double maxLoss) ->
          asked.withAim(new Aim.LeastTime(Math.max(0, maxLoss - leftOut)));
    };
  }

  /** The plan with losses of the profile, bounded by what is proven of the first plan's goal. */
  private static Plan described(
      SearchSetting setting, SearchRequest request, Plan before, FoundPlan found) {
    SearchProblem problem = setting.problem(request.goal());
    double lossBound = before.solver().loss().bound();
    double microsBound =
        switch (request.goal().aim()) {
          case Aim.LeastLoss() ->
              new Relaxation(problem).leastWorkloadMicros(problem.lossOf(found.choice()));
          case Aim.LeastTime(double maxLoss) -> before.solver().timeMillis().bound() * 1000;
        };
    var mark =
        new SearchTrail.Mark(
            Stage.REFINEMENT,
            before.solver().trail().getLast().simulatedLayers() + problem.simulations(),
            found.choice(),
            problem.valueOf(found.choice()).keepsLimits(),
            request.goal().aim() instanceof Aim.LeastLoss ? lossBound : microsBound);
    Plan plan =
        setting.plan(
            problem,
            request,
            new FoundPlan(
                found.choice(),
                lossBound,
                microsBound,
                found.steps(),
                found.scoreCalculations(),
                List.of(mark)));
    return plan.searchedAfter(before);
  }
}
