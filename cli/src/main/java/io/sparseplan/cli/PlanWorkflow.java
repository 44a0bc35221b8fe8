package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.PlanSearch;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.SearchRequest;
import java.util.List;

/** From a profile to a plan, as {@code search} and {@code tune} both do it. */
final class PlanWorkflow {
  private PlanWorkflow() {}

  static Plan search(
      Profile profile, GoalOptions goals, Goal goal, List<Tokens> lengths, WorkOptions work) {
    var request =
        new SearchRequest(
            profile,
            goals.table(),
            goals.workload(lengths),
            goal,
            goals.strategy(),
            goals.seed(),
            SearchEffort.DEFAULT,
            work.run());
    return work.progress()
        .during(
            "search",
            progress ->
                PlanSearch.search(request, (fraction, bestLoss) -> progress.at(fraction, 1)));
  }
}
