package io.sparseplan.search;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.PlanPricer;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Bounded;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.DenseWins;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.SearchStep;
import io.sparseplan.plans.plan.SolverOutcome;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.LayerPrices;
import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Writes down what was found, with what it is expected to cost and why it was chosen. */
final class PlanAssembly {
  private static final int ENOUGH_PROMPTS = 4;

  /** Losses are sums of doubles; a gap below this share of the loss is rounding. */
  private static final double ROUNDING = 1e-9;

  private final SearchRequest request;
  private final SearchProblem problem;
  private final HeadGroups groups;
  private final HeadLosses losses;
  private final Offers offers;
  private final AttentionPricer pricer;
  private final LayerPrices prices;
  private final Layout layout;
  private final long blocksOfLayer;

  /**
   * @param groups what the problem calls heads
   * @param losses of query heads
   * @param offers to query heads
   * @param prices of layers of query heads
   * @param blocksOfLayer thread blocks that the simulation of a layer takes
   */
  PlanAssembly(
      SearchRequest request,
      SearchProblem problem,
      HeadGroups groups,
      HeadLosses losses,
      Offers offers,
      AttentionPricer pricer,
      LayerPrices prices,
      Layout layout,
      long blocksOfLayer) {
    this.request = request;
    this.problem = problem;
    this.groups = groups;
    this.losses = losses;
    this.offers = offers;
    this.pricer = pricer;
    this.prices = prices;
    this.layout = layout;
    this.blocksOfLayer = blocksOfLayer;
  }

  Plan of(FoundPlan found) {
    Profile profile = request.profile();
    var times =
        new PlanTimes(
            problem,
            groups.queryHeads(),
            losses,
            pricer,
            prices,
            request.workload(),
            ofQueryHeads(found.choice()));
    Vouched vouched = VouchedLengths.of(request, ofProfile(found.choice()));
    Prediction prediction =
        times.prediction(denseWins(ofQueryHeads(found.choice()), vouched), vouched);
    return new Plan(
        SchemaVersion.CURRENT,
        Tool.THIS,
        profile.model().along(request.goal().rules().granularity()),
        layout,
        Calibration.of(profile, request.statistic()),
        pricer.identity(),
        request.workload(),
        request.goal(),
        outcome(found, prediction),
        prediction,
        warnings(),
        decisions(found.choice(), times),
        request.run().get());
  }

  /** The offer of each query head, given those of the groups. */
  private int[] ofQueryHeads(int[] choice) {
    int[] offerOfHead = new int[groups.queryHeads().count()];
    Arrays.setAll(
        offerOfHead,
        place ->
            offers.offer(problem.rules().offers().candidate(choice[groups.groupOf(place)]), place));
    return offerOfHead;
  }

  /** The candidate of the profile that each query head runs. */
  private int[] ofProfile(int[] choice) {
    return Arrays.stream(ofQueryHeads(choice)).map(offers::candidate).toArray();
  }

  private Pattern pattern(int offer) {
    return request.profile().candidates().get(offers.candidate(offer));
  }

  private DenseWins denseWins(int[] offerOfHead, Vouched vouched) {
    return new PlanPricer(
            request.device(),
            request.runtime(),
            request.profile().model(),
            layout,
            Arrays.stream(offerOfHead).mapToObj(this::pattern).toList(),
            new ProfiledTiles(request.profile()))
        .denseWins(request.workload(), vouched.longestSparse());
  }

  private SolverOutcome outcome(FoundPlan found, Prediction prediction) {
    double loss = loss(found.choice());
    double planMillis = prediction.time().planMillis();
    var lossFound = new Bounded(loss, Math.min(loss, found.lossBound()));
    var timeFound =
        new Bounded(planMillis, Math.min(planMillis, found.workloadMicrosBound() / 1000));
    double denseMillis = prediction.time().dense().getFirst().millis();
    return new SolverOutcome(
        request.strategy(),
        lossFound,
        timeFound,
        switch (problem.aim()) {
          case Aim.LeastLoss() -> gap(loss, lossFound.bound());
          case Aim.LeastTime(double maxLoss) -> timeGap(timeFound, denseMillis);
        },
        request.seed(),
        found.steps(),
        found.scoreCalculations(),
        true,
        found.trail().stream().map(mark -> step(mark, denseMillis)).toList());
  }

  /** What the goal calls the loss of a choice. */
  private double loss(int[] choice) {
    return switch (request.goal().lossOver()) {
      case MEAN -> losses.total(ofQueryHeads(choice));
      case WORST_LENGTH -> problem.lossOf(choice);
    };
  }

  private SearchStep step(SearchTrail.Mark mark, double denseMillis) {
    double loss = loss(mark.choice());
    double millis = problem.wholeWorkloadMicros(mark.choice()) / 1000;
    return switch (problem.aim()) {
      case Aim.LeastLoss() -> {
        double bound = mark.withinGoal() ? Math.min(loss, mark.bound()) : mark.bound();
        yield step(mark, loss, millis / denseMillis, bound, gap(loss, bound));
      }
      case Aim.LeastTime(double maxLoss) -> {
        double proven = mark.bound() / 1000;
        var bounded = new Bounded(millis, mark.withinGoal() ? Math.min(millis, proven) : proven);
        yield step(
            mark,
            loss,
            millis / denseMillis,
            bounded.bound() / denseMillis,
            timeGap(bounded, denseMillis));
      }
    };
  }

  private static SearchStep step(
      SearchTrail.Mark mark, double loss, double timeRatio, double bound, double gap) {
    return new SearchStep(
        mark.stage(),
        mark.simulatedLayers(),
        loss,
        timeRatio,
        bound,
        mark.withinGoal() ? Optional.of(gap) : Optional.empty());
  }

  private static double timeGap(Bounded millis, double denseMillis) {
    double above = millis.found() - millis.bound();
    return above <= ROUNDING * millis.found() ? 0 : above / denseMillis;
  }

  private double gap(double loss, double bound) {
    double resolution = problem.heads().count() * problem.lossUnit().unit() + ROUNDING * loss;
    if (loss - bound <= resolution) {
      return 0;
    }
    int[] cheapest = new int[problem.heads().count()];
    Arrays.setAll(cheapest, place -> problem.options().of(place).getFirst());
    double cheapestLoss = problem.lossOf(cheapest);
    return cheapestLoss > bound ? (loss - bound) / (cheapestLoss - bound) : 0;
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>(pricer.warnings());
    if (request.profile().model().reachOfLayers().stream().distinct().count() > 1) {
      warnings.add(
          "Some layers of %s have a sliding window and others have not; the search priced them all as if they saw every key. The verb price knows each."
              .formatted(request.profile().model().name()));
    }
    for (var entry : request.workload().lengths()) {
      int prompts = request.profile().promptsOf(entry.length()).size();
      if (prompts == 0) {
        warnings.add(
            "Length %s was not profiled; the losses there are extrapolated along each head's trend over lengths %s, while tiles and times are those of the length."
                .formatted(entry.length(), request.profile().lengths()));
      } else if (prompts < ENOUGH_PROMPTS) {
        warnings.add(
            "Length %s was profiled on %d %s; a loss from fewer than %d is noisy."
                .formatted(
                    entry.length(), prompts, prompts == 1 ? "prompt" : "prompts", ENOUGH_PROMPTS));
      }
    }
    request
        .baseline()
        .filter(Plan.class::isInstance)
        .map(baseline -> ((Plan) baseline).calibration().arithmetic())
        .filter(before -> before != request.profile().arithmetic())
        .ifPresent(
            before ->
                warnings.add(
                    "The plan that the search began at was made from a profile in %s, this one from one in %s: heads may change for what rounding does to candidates that are next to equal."
                        .formatted(before.text(), request.profile().arithmetic().text())));
    return warnings;
  }

  private List<HeadDecision> decisions(int[] choice, PlanTimes times) {
    var explanation = new Explanation(request, problem, groups, choice, blocksOfLayer);
    int[] offerOfHead = ofQueryHeads(choice);
    List<HeadDecision> decisions = new ArrayList<>();
    for (int place = 0; place < groups.queryHeads().count(); place++) {
      HeadId id = HeadId.atPlace(place, groups.queryHeads().headsOfLayer());
      decisions.add(
          new HeadDecision(
              id.layer(),
              id.head(),
              pattern(offerOfHead[place]),
              Optional.empty(),
              losses.mean(place, offerOfHead[place]),
              times.share(place),
              explanation.of(place)));
    }
    return decisions;
  }
}
