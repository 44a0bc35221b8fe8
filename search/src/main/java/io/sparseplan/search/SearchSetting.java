package io.sparseplan.search;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.HeadOffers;
import io.sparseplan.costmodel.StepReads;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.search.problem.AttentionPrices;
import io.sparseplan.search.problem.GroupPrices;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.LayerCache;
import io.sparseplan.search.problem.LayerPrices;
import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.SearchProblem;
import java.util.stream.IntStream;

/**
 * What searches of one profile for several goals have in common: losses, prices, and what is
 * decided for.
 *
 * @param groups what a problem calls heads
 * @param losses of query heads
 * @param ofGroups offers to the groups
 * @param ofHeads offers to query heads
 * @param pricesOfHeads of layers of query heads
 * @param prices of layers of groups
 * @param blocksOfLayer thread blocks of a layer at all lengths together
 */
record SearchSetting(
    SearchRequest request,
    HeadGroups groups,
    HeadLosses losses,
    Offers ofGroups,
    Offers ofHeads,
    AttentionPricer pricer,
    LayerPrices pricesOfHeads,
    LayerPrices prices,
    Layout layout,
    long blocksOfLayer) {
  /**
   * @throws BadInputException if the workload has a length that was not profiled and whose losses
   *     no trend tells
   */
  static SearchSetting of(SearchRequest request) {
    Profile profile = request.profile();
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
            new LayerCache(
                profile.model().attention(), request.reach(), layout, request.workload(), offers),
            stepReads(request, layout, offers),
            request.workload(),
            offers);
    HeadGroups groups =
        HeadGroups.of(
            profile.model().layers(),
            profile.model().attention(),
            request.goal().rules().granularity());
    Offers ofHeads = Offers.of(profile.candidates(), profile.model().headCount());
    Offers ofGroups = Offers.of(profile.candidates(), groups.heads().count());
    return new SearchSetting(
        request,
        groups,
        losses,
        ofGroups,
        ofHeads,
        pricer,
        prices,
        groups.groupSize() == 1 ? prices : new GroupPrices(prices, groups, ofGroups, ofHeads),
        layout,
        blocksOfLayer(request, layout));
  }

  private static StepReads stepReads(SearchRequest request, Layout layout, HeadOffers offers) {
    return new StepReads(
        request.profile().model().attention(),
        request.reach(),
        layout,
        request.workload().lengths().stream().map(Workload.Entry::length).toList(),
        IntStream.range(0, offers.count()).mapToObj(offers::pattern).toList());
  }

  /** The same for a request of other rules and losses. */
  SearchSetting with(SearchRequest other, HeadLosses others) {
    return new SearchSetting(
        other,
        groups,
        others,
        ofGroups,
        ofHeads,
        pricer,
        pricesOfHeads,
        prices,
        layout,
        blocksOfLayer);
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

  /**
   * The problem of a goal with the rules of the request.
   *
   * @throws BadInputException if the goal limits a length that the workload has not, or the rules
   *     do not fit or contradict each other
   */
  SearchProblem problem(Goal goal) {
    return new SearchProblem(
        groups.heads(),
        losses.ofGroups(groups).numbered(ofGroups),
        prices,
        request.workload(),
        goal,
        RequestRules.of(request, groups));
  }

  /**
   * @param asked the request with the problem's goal
   */
  Plan plan(SearchProblem problem, SearchRequest asked, FoundPlan found) {
    return new PlanAssembly(
            asked,
            problem,
            groups,
            losses.numbered(ofHeads),
            ofHeads,
            pricer,
            pricesOfHeads,
            layout,
            blocksOfLayer)
        .of(found);
  }
}
