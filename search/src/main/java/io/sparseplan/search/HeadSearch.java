package io.sparseplan.search;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.search.layers.LayerDecomposition;
import io.sparseplan.search.local.LocalSearch;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.strategy.DuoAttention;
import io.sparseplan.search.strategy.MInference;
import io.sparseplan.search.strategy.MoA;
import io.sparseplan.search.strategy.MostGenerous;
import io.sparseplan.search.strategy.PeerInput;
import io.sparseplan.search.strategy.PeerStrategy;
import io.sparseplan.search.strategy.PyramidKv;
import io.sparseplan.search.strategy.RandomChoice;
import io.sparseplan.search.strategy.SparseVdit;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Chooses a candidate for every head.
 *
 * <p>In this order: the separable {@link Relaxation}, exact, for a first bound and a first plan;
 * the {@link LayerDecomposition} for a bound and a plan that know the makespans; {@link
 * LocalSearch}; and the best recombination of all layers that were simulated by any of them.
 */
final class HeadSearch {
  private static final double DECOMPOSED = 0.5;

  private final SearchProblem problem;
  private final SearchRequest request;
  private final SearchEffort effort;
  private final long blocksOfLayer;
  private final long seed;
  private final SearchProgress progress;
  private final Relaxation relaxation;
  private final UniformPlans uniform;

  HeadSearch(
      SearchProblem problem, SearchRequest request, long blocksOfLayer, SearchProgress progress) {
    this.problem = problem;
    this.request = request;
    this.effort = request.effort();
    this.seed = request.seed();
    this.blocksOfLayer = blocksOfLayer;
    this.progress = progress;
    this.relaxation = new Relaxation(problem);
    this.uniform = new UniformPlans(problem);
  }

  /**
   * @throws NoFeasiblePlanException if no plan of the strategy keeps to the goal
   */
  FoundPlan find(Strategy strategy) {
    uniform.requireReachable();
    return switch (strategy) {
      case OPTAPLANNER -> uniform.denseIsBest() ? dense() : best();
      case UNIFORM -> uniform();
      case MINFERENCE -> peer(MInference::new);
      case MOA -> peer(MoA::new);
      case DUO_ATTENTION -> peer(DuoAttention::new);
      case SPARSE_VDIT -> peer(SparseVdit::new);
      case PYRAMID_KV -> peer(PyramidKv::new);
      case RANDOM -> peer(RandomChoice::new);
    };
  }

  private FoundPlan dense() {
    int[] choice = problem.uniform(UniformPlans.DENSE);
    double loss = problem.losses().total(choice);
    return new FoundPlan(choice, loss, relaxation.leastWorkloadMicros(loss), 0, 0);
  }

  private FoundPlan best() {
    Relaxation.Solution relaxed = relaxation.best(1);
    LayerDecomposition decomposition = decomposition(relaxed);
    decompose(decomposition, DECOMPOSED);
    var local =
        new LocalSearch(problem)
            .improve(
                decomposition.best(),
                new LocalSearch.Effort(seed, effort.scoreCalculations(blocksOfLayer)),
                (fraction, best) ->
                    progress.at(DECOMPOSED + (1 - DECOMPOSED) * fraction, lossWithinGoal(best)));
    decomposition.offer(local.choice());
    decomposition.recombine();
    int[] choice = decomposition.best();
    if (!problem.valueOf(choice).keepsLimits()) {
      throw uniform.brokenBy(choice);
    }
    progress.at(1, lossWithinGoal(choice));
    return found(
        relaxed,
        decomposition,
        SettledPlan.of(problem, choice),
        local.steps(),
        local.scoreCalculations());
  }

  private FoundPlan uniform() {
    int candidate = uniform.bestSparse().orElseThrow(uniform::noSparseKeepsLimits);
    Relaxation.Solution relaxed = relaxation.best(1);
    LayerDecomposition decomposition = decomposition(relaxed);
    decompose(decomposition, 1);
    return found(relaxed, decomposition, problem.uniform(candidate), 0, 0);
  }

  /** A peer's plan is a baseline: it gets the relaxation's bounds, which take no search. */
  private FoundPlan peer(Function<PeerInput, PeerStrategy> strategy) {
    HeadGroups groups =
        HeadGroups.of(
            request.profile().model().layers(),
            request.profile().model().attention(),
            request.goal().rules().granularity());
    PeerInput input =
        PeerInput.of(problem, groups, request.profile(), request.workload(), request.seed());
    int[] choice =
        MostGenerous.of(strategy.apply(input), problem)
            .orElseThrow(
                () ->
                    new NoFeasiblePlanException(
                        "No plan of the strategy %s keeps to the goal."
                            .formatted(request.strategy()),
                        "raise its limits, or profile with sparser candidates."));
    progress.at(1, lossWithinGoal(choice));
    double loss = problem.losses().total(choice);
    return new FoundPlan(
        choice, relaxation.best(1).bound(), relaxation.leastWorkloadMicros(loss), 0, 0);
  }

  private LayerDecomposition decomposition(Relaxation.Solution relaxed) {
    var decomposition =
        new LayerDecomposition(problem, problem.uniform(uniform.nearest()), relaxed.tariff());
    FirstPlan.of(problem, relaxed).ifPresent(decomposition::offer);
    problem.rules().baseline().map(ChoiceRules.Baseline::choice).ifPresent(decomposition::offer);
    return decomposition;
  }

  private void decompose(LayerDecomposition decomposition, double shareOfSearch) {
    decomposition.run(
        effort.simulations(blocksOfLayer),
        fraction -> progress.at(shareOfSearch * fraction, lossWithinGoal(decomposition.best())));
  }

  private FoundPlan found(
      Relaxation.Solution relaxed,
      LayerDecomposition decomposition,
      int[] choice,
      int steps,
      long scoreCalculations) {
    double bound = Math.max(relaxed.bound(), decomposition.bound());
    return switch (problem.aim()) {
      case Aim.LeastLoss() ->
          new FoundPlan(
              choice, bound, workloadMicrosBound(decomposition, choice), steps, scoreCalculations);
      case Aim.LeastTime(double maxLoss) ->
          new FoundPlan(
              choice,
              Math.max(0, decomposition.lossBound(problem.workloadMicros(choice))),
              bound,
              steps,
              scoreCalculations);
    };
  }

  private double workloadMicrosBound(LayerDecomposition decomposition, int[] choice) {
    double loss = problem.losses().total(choice);
    return Math.max(relaxation.leastWorkloadMicros(loss), decomposition.workloadMicrosBound(loss));
  }

  private OptionalDouble lossWithinGoal(int[] choice) {
    return problem.valueOf(choice).keepsLimits()
        ? OptionalDouble.of(problem.losses().total(choice))
        : OptionalDouble.empty();
  }
}
