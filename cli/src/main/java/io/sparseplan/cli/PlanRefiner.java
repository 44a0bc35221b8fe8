package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.plan.Refinement;
import io.sparseplan.plans.plan.Refinement.Round;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.plans.refinement.PromptChanges;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.evaluate.Backend;
import io.sparseplan.profiler.evaluate.PlanRuns;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.prompt.HeldBack;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.statistics.ChangeProfiler;
import io.sparseplan.search.NoFeasiblePlanException;
import io.sparseplan.search.PlanRefinement;
import io.sparseplan.search.SearchProgress;
import io.sparseplan.search.SearchRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Closes the loop between what a plan is predicted and what it is measured to lose.
 *
 * <p>Each round takes the gradients of the divergence at the best plan so far ({@link
 * ChangeProfiler}), on the prompts that are for fitting, searches near it ({@link PlanRefinement}),
 * and measures what it found on prompts that are held back. A plan that is no better there is
 * dropped, and half as many heads may change in the next round. It ends when no head would change.
 */
final class PlanRefiner {
  /** The share of the heads that the first round may change. */
  private static final double FIRST_SHARE = 0.25;

  private final ModelIdentity identity;
  private final LlamaModel gradients;
  private final Backend backend;
  private final SearchRequest request;
  private final HeldBack prompts;
  private final List<Round> rounds = new ArrayList<>();

  /**
   * A plan and what it loses, mean over the workload, in nats a token.
   *
   * @param fitting on the prompts that gradients are taken on
   * @param heldBack on the others
   */
  private record State(Plan plan, double fitting, double heldBack) {
    double millis() {
      return plan.predicted().time().planMillis();
    }
  }

  /**
   * @param gradients the model on the CPU, where gradients at a plan are taken
   * @param backend where plans are measured
   * @param request that plans are searched for
   * @param prompts some of each length of the workload on either side
   */
  PlanRefiner(
      ModelIdentity identity,
      LlamaModel gradients,
      Backend backend,
      SearchRequest request,
      HeldBack prompts) {
    this.identity = identity;
    this.gradients = gradients;
    this.backend = backend;
    this.request = request;
    this.prompts = prompts;
  }

  /** The best of the plan and of those that up to so many rounds find, with the trail of all. */
  Plan refined(Plan first, int mostRounds, Progress progress) {
    State best = state(first);
    rounds.add(round(best, first.predicted().loss(), 0, true));
    double share = FIRST_SHARE;
    List<PromptChanges> changes = changes(first);
    for (int nth = 0; nth < mostRounds; nth++) {
      progress.at(nth, mostRounds);
      Optional<PlanRefinement.Result> found = search(best.plan(), changes, share);
      if (found.isEmpty()) {
        break;
      }
      int changed = PlanDiff.between(best.plan(), found.get().plan()).changed().size();
      if (changed == 0) {
        break;
      }
      State next = state(found.get().plan());
      boolean accepted = isBetter(next, best);
      rounds.add(round(next, found.get().predictedLoss(), changed, accepted));
      if (accepted) {
        best = next;
        changes = nth + 1 < mostRounds ? changes(best.plan()) : changes;
      } else {
        share /= 2;
      }
    }
    progress.at(mostRounds, mostRounds);
    return best.plan()
        .refined(new Refinement(setOf(prompts.fitting()), setOf(prompts.heldBack()), rounds));
  }

  private static PromptSet setOf(List<Prompt> prompts) {
    return PromptSet.of(prompts.stream().map(Prompt::member).toList());
  }

  private Round round(State state, double predicted, int changed, boolean accepted) {
    return new Round(
        predicted,
        state.fitting(),
        state.heldBack(),
        changed,
        state.plan().predicted().time().ratio(),
        accepted);
  }

  /** Nothing where the gradients say that no plan near keeps to the goal. */
  private Optional<PlanRefinement.Result> search(
      Plan best, List<PromptChanges> changes, double share) {
    try {
      return Optional.of(PlanRefinement.search(request, best, changes, share, SearchProgress.NONE));
    } catch (NoFeasiblePlanException e) {
      return Optional.empty();
    }
  }

  private List<PromptChanges> changes(Plan plan) {
    var profiler = new ChangeProfiler(gradients, request.profile().candidates());
    return prompts.fitting().stream().map(prompt -> profiler.changes(prompt, plan)).toList();
  }

  private boolean isBetter(State next, State best) {
    return switch (request.goal().aim()) {
      case Aim.LeastLoss() -> next.heldBack() < best.heldBack();
      case Aim.LeastTime(double maxLoss) ->
          next.heldBack() <= maxLoss && best.heldBack() <= maxLoss
              ? next.millis() < best.millis()
              : next.heldBack() < best.heldBack();
    };
  }

  private State state(Plan plan) {
    return new State(plan, loss(plan, prompts.fitting()), loss(plan, prompts.heldBack()));
  }

  private double loss(Plan plan, List<Prompt> prompts) {
    Measured measured =
        new PlanRuns(identity, backend, List.of(plan))
            .measure(prompts, Progress.NONE)
            .plans()
            .getFirst();
    double sum = 0;
    double weights = 0;
    for (Workload.Entry entry : request.workload().lengths()) {
      double ofLength =
          measured.byLength().stream()
              .filter(at -> at.length().equals(entry.length()))
              .findFirst()
              .orElseThrow()
              .kl();
      sum += entry.weight() * ofLength;
      weights += entry.weight();
    }
    return sum / weights;
  }
}
