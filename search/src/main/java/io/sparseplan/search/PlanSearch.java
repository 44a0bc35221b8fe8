package io.sparseplan.search;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.HeadOffers;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.search.problem.AttentionPrices;
import io.sparseplan.search.problem.GroupPrices;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.strategy.DuoAttention;
import io.sparseplan.search.strategy.MInference;
import io.sparseplan.search.strategy.MoA;
import io.sparseplan.search.strategy.PyramidKv;
import io.sparseplan.search.strategy.RandomChoice;
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
   * @throws BadInputException if the workload or the goal has a length that was not profiled, the
   *     profile has no candidate for the strategy, or the rules do not fit or contradict each other
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
    HeadLosses losses = HeadLosses.of(profile, request.statistic(), request.workload());
    HeadOffers offers =
        HeadOffers.ofEachHead(
            profile.candidates(), profile.model().headCount(), new ProfiledTiles(profile));
    Layout layout = Layout.of(profile.layout());
    var pricer =
        new AttentionPricer(
            request.device(),
            request.runtime(),
            profile.model().attention(),
            request.reach(),
            layout,
            request.workload(),
            offers);
    var prices =
        new AttentionPrices(
            pricer,
            request
                .device()
                .priceFor(profile.model().attention().headDim(), layout.tile(), layout.visibility())
                .shape()
                .constants(),
            request.workload(),
            offers);
    HeadGroups groups =
        HeadGroups.of(
            profile.model().layers(),
            profile.model().attention(),
            request.goal().rules().granularity());
    Offers ofHeads = Offers.of(profile.candidates(), profile.model().headCount());
    Offers ofGroups = Offers.of(profile.candidates(), groups.heads().count());
    var problem =
        new SearchProblem(
            groups.heads(),
            losses.ofGroups(groups).numbered(ofGroups),
            groups.groupSize() == 1 ? prices : new GroupPrices(prices, groups, ofGroups, ofHeads),
            request.workload(),
            request.goal(),
            RequestRules.of(request, groups));
    long blocksOfLayer = blocksOfLayer(request, layout);
    var search = new HeadSearch(problem, request.effort(), blocksOfLayer, request.seed(), progress);
    var peers = new PeerSearch(problem, groups, request, progress);
    FoundPlan found =
        switch (request.strategy()) {
          case OPTAPLANNER -> search.searched();
          case UNIFORM -> search.uniform();
          case MINFERENCE -> peers.find(MInference::new);
          case MOA -> peers.find(MoA::new);
          case DUO_ATTENTION -> peers.find(DuoAttention::new);
          case SPARSE_VDIT -> peers.find(SparseVdit::new);
          case PYRAMID_KV -> peers.find(PyramidKv::new);
          case RANDOM -> peers.find(RandomChoice::new);
        };
    return new PlanAssembly(
            request,
            problem,
            groups,
            losses.numbered(ofHeads),
            ofHeads,
            pricer,
            layout,
            blocksOfLayer)
        .of(found);
  }

  private static long blocksOfLayer(SearchRequest request, Layout layout) {
    long tiles =
        request.workload().lengths().stream()
            .mapToLong(entry -> layout.grid(entry.length()).tiles())
            .sum();
    return tiles
        * request.workload().batch()
        * request.profile().model().attention().queryHeads().count();
  }
}
