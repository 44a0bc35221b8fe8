package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.strategy.MostGenerous;
import io.sparseplan.search.strategy.PeerInput;
import io.sparseplan.search.strategy.PeerStrategy;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Chooses a candidate for every head as a peer would, as a baseline: its plan gets the relaxation's
 * bounds, which take no search.
 */
record PeerSearch(
    SearchProblem problem, HeadGroups groups, SearchRequest request, SearchProgress progress) {
  /**
   * @throws BadInputException if the workload has a length that was not profiled
   * @throws NoFeasiblePlanException if no plan of the peer keeps to the goal
   */
  FoundPlan find(Function<PeerInput, PeerStrategy> strategy) {
    requireProfiledLengths();
    new UniformPlans(problem).requireReachable();
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
    double loss = problem.lossOf(choice);
    progress.at(1, OptionalDouble.of(loss));
    var relaxation = new Relaxation(problem);
    return new FoundPlan(
        choice, relaxation.best(1).bound(), relaxation.leastWorkloadMicros(loss), 0, 0, List.of());
  }

  /** Peers decide by what was seen at each length. */
  private void requireProfiledLengths() {
    for (Workload.Entry entry : request.workload().lengths()) {
      if (!request.profile().lengths().contains(entry.length())) {
        throw new BadInputException(
            "The workload's length (%s) was not profiled, and the strategy %s knows no trend; the profile has lengths %s."
                .formatted(entry.length(), request.strategy(), request.profile().lengths()),
            "choose profiled lengths, or profile with --lengths that hold this one.");
      }
    }
  }
}
