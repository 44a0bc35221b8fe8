package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.knapsack.Knapsack;
import io.sparseplan.search.knapsack.KnapsackResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two layers of three heads with random losses and costs: every allowed choice is tried. */
class PairMenuTest {
  private static final long IMPOSSIBLE = KnapsackResult.IMPOSSIBLE;
  private static final int CANDIDATES = 4;
  private static final TestModel MODEL =
      TestModel.of(2, 3, TestModel.SIX_CANDIDATES.subList(0, CANDIDATES), 1024);
  private static final List<int[]> EVERY = EveryChoice.of(6, CANDIDATES);

  @Test
  void oneBudgetIsSolvedToTheEnd() {
    int solvable = 0;
    for (int seed = 0; seed < 150; seed++) {
      var instance = new Instance(seed, 1);
      OptionalLong least = instance.leastLoss();
      KnapsackResult result = instance.solve();
      assertThat(result.choice().isPresent()).as("seed %d", seed).isEqualTo(least.isPresent());
      if (least.isPresent()) {
        solvable++;
        int[] choice = result.choice().get();
        assertThat(instance.isAllowed(choice)).isTrue();
        assertThat(instance.lossOf(choice)).as("seed %d", seed).isEqualTo(least.getAsLong());
        assertThat(result.bound()).isEqualTo(least.getAsLong());
      }
    }
    assertThat(solvable).isBetween(50, 145);
  }

  @Test
  void severalBudgetsAreBoundedFromBelowAndMostlySolved() {
    int solvable = 0;
    int best = 0;
    for (int seed = 0; seed < 80; seed++) {
      var instance = new Instance(seed, 2);
      OptionalLong least = instance.leastLoss();
      KnapsackResult result = instance.generateColumns();
      assertThat(result.bound()).as("seed %d", seed).isLessThanOrEqualTo(least.orElse(IMPOSSIBLE));
      if (result.choice().isPresent()) {
        int[] choice = result.choice().get();
        assertThat(instance.isAllowed(choice)).isTrue();
        assertThat(instance.lossOf(choice)).isGreaterThanOrEqualTo(least.getAsLong());
        best += instance.lossOf(choice) == least.getAsLong() ? 1 : 0;
      }
      solvable += least.isPresent() ? 1 : 0;
    }
    assertThat(solvable).isBetween(25, 78);
    assertThat(best).isGreaterThan(solvable / 2);
  }

  @Test
  void threePatternsALayerAreNotItsBusiness() {
    var rules = new ChoiceRules(heads(), free(), 3, Optional.empty());
    Goal goal = TestModel.goal(new Limit.MaxTime(1));
    assertThat(PairMenu.serves(MODEL.problem(1, goal, rules))).isFalse();
    var two = new ChoiceRules(heads(), free(), 2, Optional.empty());
    assertThat(PairMenu.serves(MODEL.problem(1, goal, two))).isTrue();
  }

  private static ModelHeads heads() {
    return ModelHeads.of(MODEL.identity());
  }

  private static int[] free() {
    int[] free = new int[6];
    Arrays.fill(free, ChoiceRules.FREE);
    return free;
  }

  private static final class Instance {
    private final SearchProblem problem;
    private final long[][] loss = new long[6][];
    private final List<long[]> costs = new ArrayList<>();
    private final List<Long> capacities = new ArrayList<>();

    Instance(int seed, int budgets) {
      var random = new SplittableRandom(seed);
      int[] pinned = free();
      if (random.nextBoolean()) {
        pinned[random.nextInt(6)] = random.nextInt(CANDIDATES);
      }
      problem =
          MODEL.problem(
              1,
              TestModel.goal(new Limit.MaxTime(1)),
              new ChoiceRules(heads(), pinned, random.nextInt(1, 3), Optional.empty()));
      Arrays.setAll(loss, place -> random.longs(CANDIDATES, 0, 50).toArray());
      for (int k = 0; k < budgets; k++) {
        costs.add(random.longs(CANDIDATES, 0, 50).toArray());
        capacities.add(random.nextLong(250));
      }
    }

    Menu.OfHead loss() {
      return (place, candidate) -> loss[place][candidate];
    }

    /** The result's choice is that of all heads. */
    KnapsackResult solve() {
      Menu menu = new PairMenu(problem, loss(), costs.getFirst());
      KnapsackResult result = Knapsack.solve(Budget.knapsack(menu, loss(), budgets()));
      return new KnapsackResult(
          result.choice().map(menu::choice), result.bound(), result.multipliers());
    }

    /** The result's choice is that of all heads. */
    KnapsackResult generateColumns() {
      return new ColumnGeneration(new PairColumns(problem), loss(), budgets()).solve();
    }

    private List<Budget> budgets() {
      List<Budget> budgets = new ArrayList<>();
      for (int k = 0; k < costs.size(); k++) {
        long[] cost = costs.get(k);
        budgets.add(new Budget((place, candidate) -> cost[candidate], capacities.get(k)));
      }
      return budgets;
    }

    OptionalLong leastLoss() {
      return EVERY.stream().filter(this::isAllowed).mapToLong(this::lossOf).min();
    }

    long lossOf(int[] choice) {
      return IntStream.range(0, 6).mapToLong(place -> loss[place][choice[place]]).sum();
    }

    boolean isAllowed(int[] choice) {
      for (int k = 0; k < costs.size(); k++) {
        long[] cost = costs.get(k);
        if (Arrays.stream(choice).mapToLong(candidate -> cost[candidate]).sum()
            > capacities.get(k)) {
          return false;
        }
      }
      return problem.rules().allows(0, heads().ofLayer(choice, 0))
          && problem.rules().allows(1, heads().ofLayer(choice, 1));
    }
  }
}
