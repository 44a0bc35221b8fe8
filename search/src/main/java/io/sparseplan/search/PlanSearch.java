package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.strategy.DuoAttention;
import io.sparseplan.search.strategy.MInference;
import io.sparseplan.search.strategy.MoA;
import io.sparseplan.search.strategy.PyramidKv;
import io.sparseplan.search.strategy.RandomChoice;
import io.sparseplan.search.strategy.RazorAttention;
import io.sparseplan.search.strategy.SparseVdit;

/**
 * Finds the plan with the least loss, or the least time, within the limits of a goal and by its
 * rules, and how much better one may be.
 */
public final class PlanSearch {
  private PlanSearch() {}

  /**
   * Searches on all cores. The same request gives the same plan, but for its run.
   *
   * @throws BadInputException if the goal has a length that the workload has not, or the workload
   *     one that was not profiled and whose losses no trend tells, the profile has no candidate for
   *     the strategy, or the rules do not fit or contradict each other
   * @throws NoFeasiblePlanException if no plan was found that keeps to every limit
   */
  public static Plan search(SearchRequest request, SearchProgress progress) {
    Profile profile = request.profile();
    if (request.strategy() == Strategy.UNIFORM && profile.candidates().size() == 1) {
      throw new BadInputException(
          "The profile of %s has dense as its only candidate; a uniform plan needs a sparse one."
              .formatted(profile.model().name()),
          "profile with more candidates.");
    }
    var setting = SearchSetting.of(request);
    SearchProblem problem = setting.problem(request.goal());
    var search =
        new HeadSearch(
            problem, request.effort(), setting.blocksOfLayer(), request.seed(), progress);
    var peers = new PeerSearch(problem, setting.groups(), request, progress);
    FoundPlan found =
        switch (request.strategy()) {
          case OPTAPLANNER -> search.searched();
          case UNIFORM -> search.uniform();
          case MINFERENCE -> peers.find(MInference::new);
          case MOA -> peers.find(MoA::new);
          case DUO_ATTENTION -> peers.find(DuoAttention::new);
          case RAZOR_ATTENTION -> peers.find(RazorAttention::new);
          case SPARSE_VDIT -> peers.find(SparseVdit::new);
          case PYRAMID_KV -> peers.find(PyramidKv::new);
          case RANDOM -> peers.find(RandomChoice::new);
        };
    return setting.plan(problem, request, found);
  }
}
