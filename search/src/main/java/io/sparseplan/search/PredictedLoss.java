package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.problem.HeadLosses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a plan loses by another statistic than the one that it was searched by. */
public final class PredictedLoss {
  private PredictedLoss() {}

  /**
   * The plan's prediction with losses of this statistic.
   *
   * @throws BadInputException if the profile has not scored a pattern or a length of the plan
   */
  public static Prediction of(Plan plan, Profile profile, LossStatistic statistic) {
    HeadLosses losses = HeadLosses.of(profile, statistic, plan.workload());
    int[] choice = new int[plan.heads().size()];
    Arrays.setAll(
        choice,
        place -> {
          int candidate = profile.candidates().indexOf(plan.heads().get(place).prefill());
          if (candidate < 0) {
            throw new BadInputException(
                "The profile of %s has not scored the pattern %s of the plan."
                    .formatted(profile.model().name(), plan.heads().get(place).prefill().label()),
                "take the profile that the plan was made from.");
          }
          return candidate;
        });
    List<Prediction.AtLength> byLength = new ArrayList<>();
    for (int n = 0; n < plan.predicted().byLength().size(); n++) {
      Prediction.AtLength at = plan.predicted().byLength().get(n);
      double loss = 0;
      for (int place = 0; place < choice.length; place++) {
        loss += losses.at(n, place, choice[place]);
      }
      byLength.add(
          new Prediction.AtLength(at.length(), loss, at.density(), at.time(), at.kvCache()));
    }
    return new Prediction(
        losses.total(choice),
        plan.predicted().time(),
        plan.predicted().denseWins(),
        plan.predicted().vouched(),
        byLength);
  }
}
