package io.sparseplan.search.knapsack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SingleBudgetTest {
  @Test
  void findsTheLeastLossOfEveryChoiceAndProvesIt() {
    int solvable = 0;
    for (long seed = 0; seed < 3000; seed++) {
      MultipleChoice problem = RandomKnapsack.small(seed, 1);
      OptionalLong least = BruteForce.leastLoss(problem);
      KnapsackResult result = Knapsack.solve(problem);
      if (least.isEmpty()) {
        assertThat(result.choice()).as("seed %d", seed).isEmpty();
        assertThat(result.bound()).isEqualTo(KnapsackResult.IMPOSSIBLE);
        continue;
      }
      solvable++;
      assertThat(result.bound()).as("seed %d", seed).isEqualTo(least.getAsLong());
      assertThat(problem.lossOf(result.choice().orElseThrow())).isEqualTo(least.getAsLong());
      assertThat(problem.fits(result.choice().orElseThrow())).isTrue();
    }
    assertThat(solvable).isBetween(1000, 2900);
  }

  @Test
  void neverProvesTooMuchWhenItMustDropSums() {
    int dropped = 0;
    for (long seed = 0; seed < 1000; seed++) {
      MultipleChoice problem = RandomKnapsack.small(seed, 1);
      OptionalLong least = BruteForce.leastLoss(problem);
      if (least.isEmpty()) {
        continue;
      }
      KnapsackResult result = new SingleBudget(problem, 1).solve();
      long found = problem.lossOf(result.choice().orElseThrow());
      assertThat(result.bound()).as("seed %d", seed).isLessThanOrEqualTo(least.getAsLong());
      assertThat(found).isGreaterThanOrEqualTo(least.getAsLong());
      dropped += result.bound() < found ? 1 : 0;
    }
    assertThat(dropped).isPositive();
  }

  @Test
  void isExactForManyHeadsThatShareTheirCosts() {
    for (double share : new double[] {0.1, 0.3, 0.5, 0.8}) {
      MultipleChoice problem = RandomKnapsack.attentionLike(7, 256, 30, share);
      KnapsackResult result = Knapsack.solve(problem);
      int[] choice = result.choice().orElseThrow();
      assertThat(problem.fits(choice)).isTrue();
      assertThat(problem.lossOf(choice)).as("share %s", share).isEqualTo(result.bound());
    }
  }

  @Test
  void takesTheLeastLossOfEachHeadWhereTheBudgetIsSlack() {
    MultipleChoice problem = RandomKnapsack.attentionLike(3, 12, 8, 1);
    KnapsackResult result = Knapsack.solve(problem);
    assertThat(result.choice().orElseThrow()).containsOnly(7);
    assertThat(result.bound()).isEqualTo(problem.lossOf(result.choice().orElseThrow()));
  }
}
