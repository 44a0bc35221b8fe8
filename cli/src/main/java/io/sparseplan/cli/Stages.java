package io.sparseplan.cli;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.profiler.statistics.ModelProfiler;
import io.sparseplan.search.PlanSearch;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.SearchRequest;
import java.util.List;

/** The stages that {@code tune} shares with the verbs of their own. */
final class Stages {
  private Stages() {}

  /** Runs the prompts and scores the candidates. */
  static Profile profile(
      ModelDirectory.Loaded loaded,
      List<Prompt> prompts,
      CandidateSet candidates,
      Objective objective,
      WorkOptions work) {
    var profiler =
        new ModelProfiler(
            loaded.model(),
            loaded.identity(),
            TileSize.DEFAULT,
            candidates.candidates(),
            objective);
    return work.progress()
        .during("profile", progress -> profiler.profile(prompts, progress, work.run()));
  }

  /** Finds the plan. */
  static Plan search(
      Profile profile, GoalOptions goals, Goal goal, List<Tokens> lengths, WorkOptions work) {
    var request =
        new SearchRequest(
            profile,
            goals.loss().in(profile),
            goals.table(),
            goals.runtime(),
            goals.workload(lengths),
            goal,
            goals.baseline(),
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
