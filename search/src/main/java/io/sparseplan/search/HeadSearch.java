package io.sparseplan.search;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.SearchStep.Stage;
import io.sparseplan.search.layers.LayerDecomposition;
import io.sparseplan.search.local.LocalSearch;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.LengthShares;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Chooses a candidate for every head.
 *
 * <p>In this order: the separable {@link Relaxation}, exact, for a first bound and a first plan;
 * the {@link LayerDecomposition} for a bound and a plan that know the makespans; {@link
 * LocalSearch}; and the best recombination of all layers that were simulated by any of them.
 */
public final class HeadSearch {
  private static final double DECOMPOSED = 0.5;

  private final SearchProblem problem;
  private final SearchEffort effort;
  private final long blocksOfLayer;
  private final long seed;
  private final SearchProgress progress;
  private final Relaxation relaxation;
  private final UniformPlans uniform;
  private final SearchTrail trail;

  /**
   * @param blocksOfLayer thread blocks of a layer at all lengths together
   * @param seed of the random moves
   */
  public HeadSearch(
      SearchProblem problem,
      SearchEffort effort,
      long blocksOfLayer,
      long seed,
      SearchProgress progress) {
    this.problem = LengthShares.best(problem);
    this.effort = effort;
    this.seed = seed;
    this.blocksOfLayer = blocksOfLayer;
    this.progress = progress;
    this.relaxation = new Relaxation(this.problem);
    this.uniform = new UniformPlans(this.problem);
    this.trail = new SearchTrail(this.problem);
  }

  /**
   * The best plan that is found.
   *
   * @throws NoFeasiblePlanException if none keeps to the goal
   */
  public FoundPlan searched() {
    return searchedFrom(List.of());
  }

  /**
   * The best plan that is found; no worse than any of these.
   *
   * @param starts choices that may break limits
   * @throws NoFeasiblePlanException if none keeps to the goal
   */
  FoundPlan searchedFrom(List<int[]> starts) {
    uniform.requireReachable();
    return uniform.denseIsBest() ? dense() : best(starts);
  }

  /**
   * The best plan that runs one candidate in every head.
   *
   * @throws NoFeasiblePlanException if no sparse one keeps to the goal
   */
  public FoundPlan uniform() {
    uniform.requireReachable();
    int candidate = uniform.bestSparse().orElseThrow(uniform::noSparseKeepsLimits);
    LayerDecomposition decomposition = decomposition(relaxation.best(1));
    decompose(decomposition, 1);
    return found(decomposition, problem.uniform(candidate), 0, 0, List.of());
  }

  private FoundPlan dense() {
    int[] choice = problem.uniform(UniformPlans.DENSE);
    double loss = problem.lossOf(choice);
    trail.add(Stage.RELAXATION, choice, loss);
    return new FoundPlan(choice, loss, relaxation.leastWorkloadMicros(loss), 0, 0, trail.marks());
  }

  private FoundPlan best(List<int[]> starts) {
    Relaxation.Solution relaxed = relaxation.best(1);
    LayerDecomposition decomposition = decomposition(relaxed);
    starts.forEach(decomposition::offer);
    trail.add(Stage.RELAXATION, decomposition.best(), decomposition.bound());
    decompose(decomposition, DECOMPOSED);
    trail.add(Stage.RECOMBINATION, decomposition.best(), decomposition.bound());
    int steps = 0;
    long scoreCalculations = 0;
    if (effort.localSearch() && !decomposition.isProvenBest()) {
      LocalSearch.Result local = improve(decomposition);
      steps = local.steps();
      scoreCalculations = local.scoreCalculations();
      decomposition.offer(local.choice());
      trail.add(Stage.LOCAL_SEARCH, decomposition.best(), decomposition.bound());
      decomposition.recombine();
      trail.add(Stage.RECOMBINATION, decomposition.best(), decomposition.bound());
    }
    int[] choice = decomposition.best();
    if (!problem.valueOf(choice).keepsLimits()) {
      choice = nearest(choice);
    }
    if (!problem.valueOf(choice).keepsLimits()) {
      throw uniform.brokenBy(choice);
    }
    progress.at(1, lossWithinGoal(choice));
    int[] settled = SettledPlan.of(problem, choice);
    trail.end(settled, decomposition.bound());
    return found(decomposition, settled, steps, scoreCalculations, trail.marks());
  }

  /**
   * Of a goal that no plan keeps to: where the loss is limited beside other limits, the plan of
   * least loss within those, so that the loss that is named can be had.
   *
   * @throws NoFeasiblePlanException if no plan was found within the other limits alone
   */
  private int[] nearest(int[] found) {
    return problem.aim() instanceof Aim.LeastLoss || problem.limits() == 0
        ? found
        : new HeadSearch(
                problem.ofLeastLoss(),
                effort.withoutLocalSearch(),
                blocksOfLayer,
                seed,
                SearchProgress.NONE)
            .searched()
            .choice();
  }

  private LocalSearch.Result improve(LayerDecomposition decomposition) {
    return new LocalSearch(problem)
        .improve(
            decomposition.best(),
            new LocalSearch.Effort(
                seed, effort.scoreCalculations(blocksOfLayer, problem.heads().layers())),
            (fraction, best) -> {
              trail.add(Stage.LOCAL_SEARCH, best, decomposition.bound());
              progress.at(DECOMPOSED + (1 - DECOMPOSED) * fraction, lossWithinGoal(best));
            });
  }

  private LayerDecomposition decomposition(Relaxation.Solution relaxed) {
    var decomposition =
        new LayerDecomposition(
            problem, problem.uniform(uniform.nearest()), relaxed.tariff(), relaxed.bound());
    FirstPlan.of(problem, relaxation, relaxed).ifPresent(decomposition::offer);
    problem.rules().baseline().map(ChoiceRules.Baseline::choice).ifPresent(decomposition::offer);
    return decomposition;
  }

  private void decompose(LayerDecomposition decomposition, double shareOfSearch) {
    decomposition.run(
        effort.simulations(blocksOfLayer, problem.heads().layers()),
        fraction -> {
          trail.add(Stage.DECOMPOSITION, decomposition.best(), decomposition.bound());
          progress.at(shareOfSearch * fraction, lossWithinGoal(decomposition.best()));
        });
  }

  private FoundPlan found(
      LayerDecomposition decomposition,
      int[] choice,
      int steps,
      long scoreCalculations,
      List<SearchTrail.Mark> marks) {
    double bound = decomposition.bound();
    return switch (problem.aim()) {
      case Aim.LeastLoss() ->
          new FoundPlan(
              choice,
              bound,
              workloadMicrosBound(decomposition, choice),
              steps,
              scoreCalculations,
              marks);
      case Aim.LeastTime(double maxLoss) ->
          new FoundPlan(
              choice,
              Math.max(0, decomposition.lossBound(problem.workloadMicros(choice))),
              bound,
              steps,
              scoreCalculations,
              marks);
    };
  }

  private double workloadMicrosBound(LayerDecomposition decomposition, int[] choice) {
    double loss = problem.lossOf(choice);
    return Math.max(relaxation.leastWorkloadMicros(loss), decomposition.workloadMicrosBound(loss));
  }

  private OptionalDouble lossWithinGoal(int[] choice) {
    return problem.valueOf(choice).keepsLimits()
        ? OptionalDouble.of(problem.lossOf(choice))
        : OptionalDouble.empty();
  }
}
