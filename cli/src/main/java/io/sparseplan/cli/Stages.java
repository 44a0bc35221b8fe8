package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.evaluate.Backend;
import io.sparseplan.profiler.evaluate.Evaluator;
import io.sparseplan.profiler.evaluate.PlanRuns;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.prompt.HeldBack;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.profiler.statistics.ModelProfiler;
import io.sparseplan.profiler.statistics.ProfiledModel;
import io.sparseplan.search.CurveSearch;
import io.sparseplan.search.PlanSearch;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.SearchRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The stages that {@code tune} shares with other verbs. */
final class Stages {
  private Stages() {}

  /** What is profiled. */
  static ProfileBasis basis(PlacedModel model, CandidateSet candidates, Objective objective) {
    return new ProfileBasis(
            Tool.THIS, model.identity(), TileSize.DEFAULT, objective, candidates.candidates())
        .in(model.arithmetic());
  }

  /** Begins a profile, or goes on with one that was begun. */
  static ProfileJournal journal(Path output, ProfileBasis basis, List<Prompt> prompts)
      throws IOException {
    return ProfileJournal.open(
        output, basis, PromptSet.of(prompts.stream().map(Prompt::member).toList()));
  }

  /** Runs the prompts and scores the candidates. */
  static Profile profile(
      PlacedModel model,
      ProfileBasis basis,
      List<Prompt> prompts,
      FinishedPrompts finished,
      WorkOptions work) {
    try (ProfiledModel profiled = model.toProfile()) {
      var profiler = new ModelProfiler(profiled, basis);
      return work.progress()
          .during("profile", progress -> profiler.profile(prompts, finished, progress, work.run()));
    }
  }

  /** Finds the plan. */
  static Plan search(
      Profile profile,
      LossStatistic statistic,
      Strategy strategy,
      GoalOptions goals,
      Goal goal,
      List<Tokens> lengths,
      WorkOptions work) {
    return search(request(profile, statistic, strategy, goals, goal, lengths, work), work);
  }

  /** Finds the plan of a request. */
  static Plan search(SearchRequest request, WorkOptions work) {
    return work.progress()
        .during(
            "search",
            progress ->
                PlanSearch.search(request, (fraction, bestLoss) -> progress.at(fraction, 1)));
  }

  /**
   * Searches for a plan again by what it loses, up to so many times.
   *
   * @param first what was found for the request
   */
  static Plan refine(
      PlacedModel model,
      SearchRequest request,
      Plan first,
      List<Prompt> prompts,
      int rounds,
      WorkOptions work) {
    if (rounds == 0) {
      return first;
    }
    try (Backend backend = model.toJudge()) {
      var refiner =
          new PlanRefiner(model.identity(), model.inHeap(), backend, request, HeldBack.of(prompts));
      return work.progress().during("refine", progress -> refiner.refined(first, rounds, progress));
    }
  }

  /** Finds the plans of a curve. */
  static List<Plan> curve(
      int points,
      Profile profile,
      LossStatistic statistic,
      GoalOptions goals,
      Goal goal,
      List<Tokens> lengths,
      WorkOptions work) {
    SearchRequest request =
        request(profile, statistic, Strategy.OPTAPLANNER, goals, goal, lengths, work);
    return work.progress()
        .during(
            "curve",
            progress ->
                CurveSearch.search(
                    request, points, (fraction, bestLoss) -> progress.at(fraction, 1)));
  }

  /** What is searched for. */
  static SearchRequest request(
      Profile profile,
      LossStatistic statistic,
      Strategy strategy,
      GoalOptions goals,
      Goal goal,
      List<Tokens> lengths,
      WorkOptions work) {
    return new SearchRequest(
        profile,
        statistic,
        goals.table(),
        goals.runtime(),
        goals.workload(lengths),
        goal,
        goals.beyond(),
        goals.baseline(),
        strategy,
        goals.seed(),
        SearchEffort.DEFAULT,
        work.run());
  }

  /** Runs prompts dense, and with the plan if there is one. */
  static Evaluation evaluate(
      ModelIdentity model,
      Backend backend,
      Optional<? extends HeadPlan> plan,
      List<Prompt> prompts,
      WorkOptions work) {
    var evaluator = new Evaluator(model, backend, plan);
    return work.progress()
        .during("evaluate", progress -> evaluator.evaluate(prompts, progress, work.run()));
  }

  /**
   * Runs each prompt dense, once, and with each of several plans.
   *
   * @throws BadInputException if a plan is for other weights, or the backend cannot be used
   */
  static PlanRuns.Measurements measure(
      ModelDirectory directory,
      BackendOption backends,
      List<Prompt> prompts,
      List<Plan> plans,
      WorkOptions work) {
    Optional<Gpu> gpu = backends.gpu();
    ModelDirectory.Opened opened = directory.openWeights();
    try (Workers workers = work.workers();
        Backend backend = PlacedModel.of(gpu, opened, workers).toJudge()) {
      var runs = new PlanRuns(opened.identity(), backend, plans);
      return work.progress().during("evaluate", progress -> runs.measure(prompts, progress));
    }
  }

  /** The same, where the model runs. */
  static Evaluation evaluate(
      PlacedModel model, HeadPlan plan, List<Prompt> prompts, WorkOptions work) {
    try (Backend backend = model.toJudge()) {
      return evaluate(model.identity(), backend, Optional.of(plan), prompts, work);
    }
  }
}
