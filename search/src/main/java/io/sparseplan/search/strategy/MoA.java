package io.sparseplan.search.strategy;

import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.Optional;

/**
 * MoA's optimisation (arXiv 2406.14909, §4.2): the least influence of dropped entries within a
 * bound on density, with at most two rules a layer ({@code --num_plan_limit 2}). The knob is that
 * bound, here on the mean over the lengths of the workload, where MoA bounds each. Its
 * mixed-integer program is solved to the end by the separable solver, which knows of no time here
 * either.
 */
public final class MoA implements PeerStrategy {
  private static final int MOST_RULES_OF_LAYER = 2;

  private final PeerInput input;
  private final HeadLosses influence;
  private final ChoiceRules rules;

  public MoA(PeerInput input) {
    this.input = input;
    this.influence = input.losses(LossKind.INFLUENCE);
    ChoiceRules given = input.problem().rules();
    this.rules =
        new ChoiceRules(
            input.problem().heads(),
            given.pinned(),
            Math.min(MOST_RULES_OF_LAYER, given.maxPatternsOfLayer()),
            Optional.empty());
  }

  @Override
  public Optional<int[]> choose(double generosity) {
    var goal = new Goal(List.of(new Limit.MaxDensity(input.densityAt(generosity))));
    var problem =
        new SearchProblem(
            input.problem().heads(),
            influence,
            input.problem().prices(),
            input.workload(),
            goal,
            rules);
    return new Relaxation(problem).best(1).choice();
  }
}
