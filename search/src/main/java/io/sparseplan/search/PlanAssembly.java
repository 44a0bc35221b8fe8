package io.sparseplan.search;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.plan.Bounded;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.SolverOutcome;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes down what was found, with what it is expected to cost and why it was chosen. */
final class PlanAssembly {
  private static final int ENOUGH_PROMPTS = 4;

  /** Losses are sums of doubles; a gap below this share of the loss is rounding. */
  private static final double ROUNDING = 1e-9;

  private final SearchRequest request;
  private final SearchProblem problem;
  private final AttentionPricer pricer;
  private final Layout layout;

  PlanAssembly(
      SearchRequest request, SearchProblem problem, AttentionPricer pricer, Layout layout) {
    this.request = request;
    this.problem = problem;
    this.pricer = pricer;
    this.layout = layout;
  }

  Plan of(FoundPlan found) {
    Profile profile = request.profile();
    var times = new PlanTimes(problem, pricer, request.workload(), found.choice());
    Prediction prediction = times.prediction();
    return new Plan(
        SchemaVersion.CURRENT,
        Tool.THIS,
        profile.model(),
        layout,
        new Calibration(profile.promptSet(), Calibration.Statistic.OUTPUT_ERROR),
        pricer.identity(),
        request.workload(),
        request.goal(),
        outcome(found, prediction),
        prediction,
        warnings(),
        decisions(found.choice(), times),
        request.run().get());
  }

  private SolverOutcome outcome(FoundPlan found, Prediction prediction) {
    double loss = prediction.loss();
    double planMillis = prediction.time().planMillis();
    double bound = Math.min(loss, found.lossBound());
    return new SolverOutcome(
        request.strategy(),
        new Bounded(loss, bound),
        new Bounded(planMillis, Math.min(planMillis, found.workloadMicrosBound() / 1000)),
        gap(loss, bound),
        request.seed(),
        found.steps(),
        found.scoreCalculations(),
        true);
  }

  private double gap(double loss, double bound) {
    double resolution = problem.heads().count() * problem.lossUnit().unit() + ROUNDING * loss;
    if (loss - bound <= resolution) {
      return 0;
    }
    double cheapestLoss = 0;
    for (int place = 0; place < problem.heads().count(); place++) {
      cheapestLoss += problem.losses().mean(place, problem.options().of(place).getFirst());
    }
    return cheapestLoss > bound ? (loss - bound) / (cheapestLoss - bound) : 0;
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>(pricer.warnings());
    for (var entry : request.workload().lengths()) {
      int prompts = request.profile().promptsOf(entry.length()).size();
      if (prompts < ENOUGH_PROMPTS) {
        warnings.add(
            "Length %s was profiled on %d %s; a loss from fewer than %d is noisy."
                .formatted(
                    entry.length(), prompts, prompts == 1 ? "prompt" : "prompts", ENOUGH_PROMPTS));
      }
    }
    return warnings;
  }

  private List<HeadDecision> decisions(int[] choice, PlanTimes times) {
    var explanation = new Explanation(request, problem, choice);
    List<HeadDecision> decisions = new ArrayList<>();
    for (int place = 0; place < choice.length; place++) {
      HeadId id = HeadId.atPlace(place, problem.heads().headsOfLayer());
      decisions.add(
          new HeadDecision(
              id.layer(),
              id.head(),
              request.profile().candidates().get(choice[place]),
              Optional.empty(),
              problem.losses().mean(place, choice[place]),
              times.share(place),
              explanation.of(place)));
    }
    return decisions;
  }
}
