package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.CachedKeys;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Small random problems with limits on the cache and absolute ones, whose query heads share one
 * key-value head: the bound holds and the plan is the best.
 */
class LimitsAgainstEveryChoiceTest {
  private static final int ROUNDS = 40;
  private static final int LAYERS = 2;
  private static final int HEADS = 3;
  private static final int HEAD_DIM = 64;
  private static final int BYTES_OF_A_KEY_AND_ITS_VALUE = 2 * 2 * HEAD_DIM;
  private static final Tokens LONG = Tokens.of(1500);

  private static final List<Pattern> CANDIDATES = TestModel.SIX_CANDIDATES.subList(0, 4);

  private static SearchProblem problem(TestModel model, int batch, Limit... limits) {
    ModelHeads heads = ModelHeads.of(model.identity());
    return model.problem(batch, new Goal(List.of(limits)), ChoiceRules.none(heads));
  }

  private static HeadSearch search(SearchProblem problem) {
    return new HeadSearch(
        problem,
        new SearchEffort(10_000_000),
        20_000,
        SearchRequest.DEFAULT_SEED,
        SearchProgress.NONE);
  }

  /** Counted key by key: what any head of a layer needs, its one key-value head holds. */
  private static double cacheBytes(int[] choice, int batch) {
    TileGrid grid = TileGrid.causal(LONG, TileSize.DEFAULT);
    long keys = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int key = 0; key < LONG.count(); key++) {
        boolean held = false;
        for (int head = 0; head < HEADS; head++) {
          var cached = CachedKeys.of(CANDIDATES.get(choice[layer * HEADS + head]), grid);
          held |= key < cached.sink().count() || key >= LONG.count() - cached.window().count();
        }
        keys += held ? 1 : 0;
      }
    }
    return (double) keys * batch * BYTES_OF_A_KEY_AND_ITS_VALUE;
  }

  @Test
  void theBoundHoldsAndThePlanIsTheBest() {
    int feasible = 0;
    int best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var random = new SplittableRandom(round);
      TestModel model =
          TestModel.of(LAYERS, HEADS, CANDIDATES, 1024, LONG.count())
              .withSeed(random.nextInt(1000));
      int batch = random.nextInt(1, 12);
      SearchProblem dense = problem(model, batch, new Limit.MaxTime(1));
      double denseMillis = dense.workloadMicros(dense.uniform(0)) / 1000;
      double denseBytes = cacheBytes(new int[LAYERS * HEADS], batch);
      double share = random.nextDouble(0.2, 0.95);
      Limit cache =
          random.nextBoolean()
              ? new Limit.MaxKv(LONG, share)
              : new Limit.MaxKvBytes(LONG, (long) (share * denseBytes));
      SearchProblem problem =
          random.nextBoolean()
              ? problem(model, batch, cache)
              : problem(
                  model,
                  batch,
                  cache,
                  new Limit.MaxMillis(random.nextDouble(0.5, 0.95) * denseMillis));
      OptionalDouble least = EveryChoice.leastLoss(problem);
      if (least.isEmpty()) {
        assertThatThrownBy(() -> search(problem).searched())
            .isInstanceOf(NoFeasiblePlanException.class)
            .hasMessageContaining("\nMaybe raise");
        continue;
      }
      feasible++;
      FoundPlan found = search(problem).searched();
      assertThat(problem.valueOf(found.choice()).keepsLimits()).isTrue();
      assertThat(cacheBytes(found.choice(), batch))
          .isLessThanOrEqualTo(share * denseBytes * (1 + 1e-9));
      assertThat(found.lossBound()).isLessThanOrEqualTo(least.getAsDouble() * (1 + 1e-9));
      best +=
          problem.losses().total(found.choice()) <= least.getAsDouble() * (1 + 1e-9) + 1e-9 ? 1 : 0;
    }
    assertThat(feasible).isGreaterThan(ROUNDS / 3);
    assertThat(best).isGreaterThanOrEqualTo((int) Math.ceil(0.95 * feasible));
  }

  private static KvBudget budget(int tokens) {
    return new KvBudget(Tokens.of(tokens), Tokens.of(16), Tokens.of(5), KvBudget.Pooling.MAXIMUM);
  }

  /** The larger budget holds the smaller one; pages are of other tokens, and cost their bounds. */
  private static double stepBytes(int[] choice) {
    double bytes = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      boolean[] runs = new boolean[4];
      int pagedHeads = 0;
      for (int head = 0; head < HEADS; head++) {
        runs[choice[layer * HEADS + head]] = true;
        pagedHeads += choice[layer * HEADS + head] == 3 ? 1 : 0;
      }
      int budget = runs[2] ? 700 : runs[1] ? 200 : 0;
      int tokens = runs[0] ? 1500 : Math.min(1500, budget + (runs[3] ? 256 : 0));
      int parts = 94;
      bytes += tokens * BYTES_OF_A_KEY_AND_ITS_VALUE;
      bytes += runs[3] ? parts * 2 * HEAD_DIM * 2 + pagedHeads * parts * 8 : 0;
    }
    return bytes;
  }

  @Test
  void whatAStepOfDecodingReadsIsBounded() {
    List<Pattern> rules =
        List.of(
            new Dense(),
            budget(200),
            budget(700),
            new PageTopK(Tokens.of(32), Tokens.of(16), Tokens.of(256), 1));
    int feasible = 0;
    int best = 0;
    for (int round = 0; round < 20; round++) {
      var random = new SplittableRandom(round);
      TestModel model =
          TestModel.of(LAYERS, HEADS, rules, 1024, LONG.count()).withSeed(random.nextInt(1000));
      double share = random.nextDouble(0.1, 0.9);
      SearchProblem problem = problem(model, 4, new Limit.MaxReads(LONG, share));
      OptionalDouble least = EveryChoice.leastLoss(problem);
      if (least.isEmpty()) {
        assertThatThrownBy(() -> search(problem).searched())
            .isInstanceOf(NoFeasiblePlanException.class)
            .hasMessageContaining("reads of a decode step at length 1500");
        continue;
      }
      feasible++;
      FoundPlan found = search(problem).searched();
      assertThat(stepBytes(found.choice()))
          .isLessThanOrEqualTo(share * stepBytes(new int[LAYERS * HEADS]) * (1 + 1e-9));
      assertThat(found.lossBound()).isLessThanOrEqualTo(least.getAsDouble() * (1 + 1e-9));
      best +=
          problem.losses().total(found.choice()) <= least.getAsDouble() * (1 + 1e-9) + 1e-9 ? 1 : 0;
    }
    assertThat(feasible).isGreaterThan(10);
    assertThat(best).isGreaterThanOrEqualTo((int) Math.ceil(0.95 * feasible));
  }

  @Test
  void anAbsoluteTimeIsTheSameLimitAsItsRatio() {
    TestModel model = TestModel.of(LAYERS, HEADS, CANDIDATES, 1024, LONG.count());
    SearchProblem byRatio =
        problem(model, 8, new Limit.MaxTime(0.7), new Limit.MaxTimeAt(LONG, 0.65));
    double[] millis = new double[2];
    for (int n = 0; n < 2; n++) {
      millis[n] = LAYERS * byRatio.prices().denseLayerMicros(n) / 1000;
    }
    SearchProblem absolute =
        problem(
            model,
            8,
            new Limit.MaxMillis(0.7 * (millis[0] + millis[1])),
            new Limit.MaxMillisAt(LONG, 0.65 * millis[1]));
    assertThat(search(absolute).searched().choice()).isEqualTo(search(byRatio).searched().choice());
  }

  @Test
  void aCacheThatNoPatternFitsNamesTheSmallest() {
    SearchProblem problem =
        problem(
            TestModel.of(LAYERS, HEADS, CANDIDATES, 1024, LONG.count()),
            8,
            new Limit.MaxKv(LONG, 0.01));
    // Sink and window of the narrowest candidate are a tile each.
    assertThatThrownBy(() -> search(problem).searched())
        .hasMessageContaining("key-value cache at length 1500 may be 0.01 of dense")
        .hasMessageContaining("0.1707 of dense");
  }
}
