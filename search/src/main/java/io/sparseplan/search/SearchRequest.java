package io.sparseplan.search;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What to search for.
 *
 * @param statistic the loss that is to be least
 * @param runtime what runs the plan on the device
 * @param beyond what heads run on prompts that are longer than the plan is vouched for
 * @param baseline the plan to stay close to, where the goal limits churn
 * @param seed of the random moves
 * @param run asked once, when the search is over
 */
public record SearchRequest(
    Profile profile,
    LossStatistic statistic,
    DeviceTable device,
    AttentionRuntime runtime,
    Workload workload,
    Goal goal,
    Vouched.Beyond beyond,
    Optional<? extends HeadPlan> baseline,
    Strategy strategy,
    long seed,
    SearchEffort effort,
    Supplier<Run> run) {
  /** The seed unless another is given. */
  public static final long DEFAULT_SEED = 42;

  /** For the kernel of the device table alone; dense beyond what is vouched for. */
  public SearchRequest(
      Profile profile,
      LossStatistic statistic,
      DeviceTable device,
      Workload workload,
      Goal goal,
      Optional<? extends HeadPlan> baseline,
      Strategy strategy,
      long seed,
      SearchEffort effort,
      Supplier<Run> run) {
    this(
        profile,
        statistic,
        device,
        AttentionRuntime.KERNEL_ALONE,
        workload,
        goal,
        Vouched.Beyond.DENSE,
        baseline,
        strategy,
        seed,
        effort,
        run);
  }

  /** The same for another goal. */
  public SearchRequest withGoal(Goal other) {
    return new SearchRequest(
        profile, statistic, device, runtime, workload, other, beyond, baseline, strategy, seed,
        effort, run);
  }

  /** The same near another plan. */
  public SearchRequest withBaseline(Optional<? extends HeadPlan> other) {
    return new SearchRequest(
        profile, statistic, device, runtime, workload, goal, beyond, other, strategy, seed, effort,
        run);
  }

  /** The same for another workload. */
  public SearchRequest withWorkload(Workload other) {
    return new SearchRequest(
        profile, statistic, device, runtime, other, goal, beyond, baseline, strategy, seed, effort,
        run);
  }

  /**
   * How far back the layers see, as far as prices know: all layers are priced alike, so where they
   * differ each is priced as if it saw every key.
   */
  AttentionReach reach() {
    List<AttentionReach> distinct = profile.model().reachOfLayers().stream().distinct().toList();
    return distinct.size() == 1 ? distinct.getFirst() : new AttentionReach.Everything();
  }
}
