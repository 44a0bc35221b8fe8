package io.sparseplan.search;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What to search for.
 *
 * @param statistic the loss that is to be least
 * @param baseline the plan to stay close to, where the goal limits churn
 * @param seed of the random moves
 * @param run asked once, when the search is over
 */
public record SearchRequest(
    Profile profile,
    LossStatistic statistic,
    DeviceTable device,
    Workload workload,
    Goal goal,
    Optional<Plan> baseline,
    Strategy strategy,
    long seed,
    SearchEffort effort,
    Supplier<Run> run) {
  /** The seed unless another is given. */
  public static final long DEFAULT_SEED = 42;
}
