package io.sparseplan.search.knapsack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SeveralBudgetsTest {
  @Test
  void neverProvesMoreThanTheLeastLossAndMostlyFindsIt() {
    int solvable = 0;
    int found = 0;
    int optimal = 0;
    for (long seed = 0; seed < 3000; seed++) {
      MultipleChoice problem = RandomKnapsack.small(seed, 2 + (int) (seed % 3));
      OptionalLong least = BruteForce.leastLoss(problem);
      KnapsackResult result = Knapsack.solve(problem);
      if (least.isEmpty()) {
        assertThat(result.choice()).as("seed %d", seed).isEmpty();
        continue;
      }
      solvable++;
      assertThat(result.bound()).as("seed %d", seed).isLessThanOrEqualTo(least.getAsLong());
      if (result.choice().isPresent()) {
        found++;
        int[] choice = result.choice().get();
        assertThat(problem.fits(choice)).isTrue();
        optimal += problem.lossOf(choice) == least.getAsLong() ? 1 : 0;
      }
    }
    assertThat(solvable).isGreaterThan(500);
    assertThat((double) found / solvable).isGreaterThan(0.9);
    assertThat((double) optimal / solvable).isGreaterThan(0.7);
  }

  @Test
  void aSecondBudgetThatIsTheFirstAgainChangesNothing() {
    MultipleChoice one = RandomKnapsack.attentionLike(5, 60, 20, 0.4);
    List<CostBudget> twice = new ArrayList<>(one.budgets());
    twice.addAll(one.budgets());
    KnapsackResult result = Knapsack.solve(new MultipleChoice(one.loss(), twice));
    assertThat(result.bound()).isEqualTo(Knapsack.solve(one).bound());
    assertThat(one.lossOf(result.choice().orElseThrow())).isEqualTo(result.bound());
  }

  @Test
  void boundIsTightForManyHeads() {
    MultipleChoice first = RandomKnapsack.attentionLike(5, 120, 20, 0.35);
    MultipleChoice second = RandomKnapsack.attentionLike(6, 120, 20, 0.3);
    var problem =
        new MultipleChoice(
            first.loss(), List.of(first.budgets().getFirst(), second.budgets().getFirst()));
    KnapsackResult result = Knapsack.solve(problem);
    int[] choice = result.choice().orElseThrow();
    assertThat(problem.fits(choice)).isTrue();
    assertThat((double) problem.lossOf(choice))
        .isCloseTo(result.bound(), within(result.bound() * 0.01));
  }
}
