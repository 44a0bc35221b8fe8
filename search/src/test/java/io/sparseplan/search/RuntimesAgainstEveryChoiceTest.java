package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small random problems priced as runtimes run them: the bound holds and the plan is the best. */
class RuntimesAgainstEveryChoiceTest {
  private static final int ROUNDS = 6;

  @ParameterizedTest
  @ValueSource(strings = {"flex-attention", "moa", "duo-attention", "minference"})
  void theBoundHoldsAndThePlanIsTheBest(String name) {
    AttentionRuntime runtime = AttentionRuntime.resolve(name);
    int feasible = 0;
    int best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var random = new SplittableRandom(100L * round + name.hashCode());
      TestModel model =
          TestModel.of(2, 3, TestModel.SIX_CANDIDATES.subList(0, 4), 1024, 4000)
              .withSeed(random.nextInt(1000))
              .withHeadDim(random.nextBoolean() ? 64 : 128);
      int batch = random.nextInt(1, 12);
      var goal = new Goal(List.of(new Limit.MaxTime(random.nextDouble(0.5, 0.95))));
      SearchProblem problem =
          model.problem(
              runtime,
              batch,
              goal,
              new ChoiceRules(
                  ModelHeads.of(model.identity()),
                  ChoiceRules.none(ModelHeads.of(model.identity())).pinned(),
                  runtime
                      .maxPatternsPerLayer()
                      .map(most -> most.ofLayer())
                      .orElse(ChoiceRules.ANY_NUMBER),
                  Optional.empty()));
      OptionalDouble least = EveryChoice.leastLoss(problem);
      if (least.isEmpty()) {
        continue;
      }
      feasible++;
      FoundPlan found =
          new HeadSearch(
                  problem,
                  new SearchEffort(25_000_000),
                  20_000,
                  SearchRequest.DEFAULT_SEED,
                  SearchProgress.NONE)
              .searched();
      assertThat(problem.valueOf(found.choice()).keepsLimits()).isTrue();
      assertThat(found.lossBound()).isLessThanOrEqualTo(least.getAsDouble() * (1 + 1e-9));
      best +=
          problem.losses().total(found.choice()) <= least.getAsDouble() * (1 + 1e-9) + 1e-9 ? 1 : 0;
    }
    assertThat(feasible).isPositive();
    assertThat(best).isEqualTo(feasible);
  }
}
