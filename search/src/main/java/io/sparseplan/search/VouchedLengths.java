package io.sparseplan.search;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.LossTrend;
import java.util.List;
import java.util.stream.Stream;

/**
 * How far a plan is vouched for: as far as was profiled or asked for; and to twice the longest
 * profiled length, where the trend of the losses tells of a divergence there that measurements
 * found the trend to be good for (docs/objective.md).
 */
public final class VouchedLengths {
  /** Nats a token. Of plans below, answers were kept at twice the length; of plans above, lost. */
  static final double MOST_DIVERGENCE = 0.001;

  private static final int TIMES_PROFILED = 2;

  private VouchedLengths() {}

  /**
   * @param candidateOfHead the candidate of the profile that each query head runs
   */
  static Vouched of(SearchRequest request, int[] candidateOfHead) {
    Profile profile = request.profile();
    Tokens longest =
        Stream.concat(
                profile.lengths().stream(),
                request.workload().lengths().stream().map(Workload.Entry::length))
            .max(Tokens::compareTo)
            .orElseThrow();
    Tokens further = Tokens.of(TIMES_PROFILED * profile.lengths().getLast().count());
    boolean known =
        further.compareTo(longest) > 0
            && request.statistic().kind() == LossKind.DIVERGENCE
            && LossTrend.isKnownOf(profile)
            && HeadLosses.of(
                        profile,
                        request.statistic(),
                        Workload.prefill(request.workload().batch(), List.of(further)))
                    .total(candidateOfHead)
                <= MOST_DIVERGENCE;
    return new Vouched(known ? further : longest, request.beyond());
  }

  /**
   * Refuses a plan for a length beyond the profile at which the trend of its losses is no longer to
   * be trusted, unless patterns are to run wherever they may.
   *
   * @throws NoFeasiblePlanException naming the length and the loss
   */
  public static void requireTrusted(Plan plan) {
    Tokens profiled = plan.calibration().promptSet().lengths().getLast().length();
    if (plan.predicted().vouched().beyond() == Vouched.Beyond.PATTERNS
        || plan.calibration().statistic().kind() != LossKind.DIVERGENCE) {
      return;
    }
    for (Prediction.AtLength at : plan.predicted().byLength()) {
      if (at.length().compareTo(profiled) > 0 && at.loss() > MOST_DIVERGENCE) {
        throw new NoFeasiblePlanException(
            "No plan can be vouched for: at length %s, which was not profiled, the best one is predicted to lose %s nats a token; beyond the profile predictions hold up to %s."
                .formatted(at.length(), Figures.shortly(at.loss()), MOST_DIVERGENCE),
            "profile with --lengths that hold %s, give the limits more room, or take the risk with --beyond patterns."
                .formatted(at.length()));
      }
    }
  }
}
