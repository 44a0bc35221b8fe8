package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Small random problems with pins, few patterns, little churn and both aims, searched whole. */
class RulesAgainstEveryChoiceTest {
  private static final int LAYERS = 2;
  private static final int HEADS = 3;
  private static final int CANDIDATES = 4;

  /** What a series of random problems is about. */
  private record Series(
      boolean pins,
      boolean fewPatterns,
      boolean churn,
      boolean leastTime,
      boolean selected,
      LossOver lossOver) {
    Series(boolean pins, boolean fewPatterns, boolean churn, boolean leastTime, boolean selected) {
      this(pins, fewPatterns, churn, leastTime, selected, LossOver.MEAN);
    }

    Series(boolean pins, boolean fewPatterns, boolean churn, boolean leastTime) {
      this(pins, fewPatterns, churn, leastTime, false);
    }

    Series overWorstLength() {
      return new Series(pins, fewPatterns, churn, leastTime, selected, LossOver.WORST_LENGTH);
    }

    /** The same in every run, which the hash of an enum is not. */
    long seed() {
      return toString().hashCode();
    }

    List<Pattern> candidates() {
      return selected
          ? List.of(
              new Dense(),
              new VerticalSlash(30, 100),
              TestModel.span(128, 0),
              new BlockTopK(Tokens.of(512), 0))
          : TestModel.SIX_CANDIDATES.subList(0, CANDIDATES);
    }
  }

  private int feasible;
  private int best;

  @Test
  void pins() {
    search(new Series(true, false, false, false), 36);
  }

  @Test
  void fewPatternsInALayer() {
    search(new Series(false, true, false, false), 36);
  }

  @Test
  void littleChurn() {
    search(new Series(false, false, true, false), 36);
  }

  @Test
  void leastTime() {
    search(new Series(false, false, false, true), 36);
  }

  @Test
  void patternsThatCostEveryHeadSomethingElse() {
    search(new Series(false, false, false, false, true), 16);
    search(new Series(false, true, false, false, true), 12);
    search(new Series(true, true, true, true, true), 12);
  }

  @Test
  void worstLengthFirst() {
    search(new Series(false, false, false, false).overWorstLength(), 36);
    search(new Series(false, true, false, false).overWorstLength(), 24);
    search(new Series(false, false, false, true).overWorstLength(), 24);
    search(new Series(true, true, true, true).overWorstLength(), 16);
  }

  @Test
  void everythingAtOnce() {
    search(new Series(true, true, true, false), 28);
    search(new Series(true, true, true, true), 28);
  }

  private void search(Series series, int rounds) {
    for (int round = 0; round < rounds; round++) {
      searchOne(series, new SplittableRandom(1000L * round + series.seed()));
    }
    assertThat(feasible).isGreaterThan(rounds / 3);
    assertThat(best).isGreaterThanOrEqualTo((int) Math.ceil(0.95 * feasible));
  }

  private void searchOne(Series series, SplittableRandom random) {
    TestModel model = model(series, random);
    int batch = random.nextInt(1, 28);
    SearchProblem problem = problem(model, batch, series, random);
    boolean ofLoss = !series.leastTime();
    OptionalDouble least =
        ofLoss ? EveryChoice.leastLoss(problem) : EveryChoice.leastMicros(problem);
    var search = search(problem);
    if (least.isEmpty()) {
      assertThatThrownBy(() -> search.searched())
          .isInstanceOf(NoFeasiblePlanException.class)
          .hasMessageContaining("\nMaybe ");
      return;
    }
    FoundPlan found = search.searched();
    feasible++;
    PlanValue value = problem.valueOf(found.choice());
    assertThat(value.keepsLimits()).isTrue();
    for (int layer = 0; layer < LAYERS; layer++) {
      assertThat(problem.rules().allows(layer, problem.heads().ofLayer(found.choice(), layer)))
          .isTrue();
    }
    double objective =
        ofLoss ? problem.lossOf(found.choice()) : problem.workloadMicros(found.choice());
    double bound = ofLoss ? found.lossBound() : found.workloadMicrosBound();
    assertThat(bound).isLessThanOrEqualTo(least.getAsDouble() * (1 + 1e-9));
    assertThat(objective).isGreaterThanOrEqualTo(least.getAsDouble() * (1 - 1e-9));
    // A plan that stays close to another may be a thousandth worse.
    double worst = least.getAsDouble() * (series.churn() ? 1.001 : 1) + 1e-9;
    best += objective <= worst * (1 + 1e-9) ? 1 : 0;
  }

  private static TestModel model(Series series, SplittableRandom random) {
    return TestModel.of(LAYERS, HEADS, series.candidates(), 1024, 1500)
        .withSeed(random.nextInt(1000))
        .withHeadDim(random.nextBoolean() ? 64 : 128);
  }

  private static SearchProblem problem(
      TestModel model, int batch, Series series, SplittableRandom random) {
    List<Limit> limits = new ArrayList<>();
    if (!series.leastTime() || random.nextInt(3) == 0) {
      limits.add(new Limit.MaxTime(random.nextDouble(0.45, 0.95)));
    }
    if (random.nextInt(3) == 0) {
      limits.add(new Limit.MaxTimeAt(Tokens.of(1500), random.nextDouble(0.5, 0.95)));
    }
    Aim aim =
        series.leastTime()
            ? new Aim.LeastTime(Math.pow(10, random.nextDouble(-1.5, 0)))
            : new Aim.LeastLoss();
    ModelHeads heads = ModelHeads.of(model.identity());
    Offers offers = Offers.of(series.candidates(), heads.count());
    int[] pinned = new int[heads.count()];
    Arrays.fill(pinned, ChoiceRules.FREE);
    for (int layer = 0; layer < LAYERS && series.pins(); layer++) {
      int place = layer * HEADS + random.nextInt(HEADS);
      pinned[place] = offers.offer(random.nextInt(CANDIDATES), place);
    }
    return model.problem(
        batch,
        new Goal(limits, aim, series.lossOver(), Rules.NONE),
        new ChoiceRules(
            heads,
            pinned,
            series.fewPatterns() ? random.nextInt(1, 4) : ChoiceRules.ANY_NUMBER,
            series.churn()
                ? Optional.of(baseline(heads, pinned, offers, random))
                : Optional.empty(),
            offers));
  }

  private static ChoiceRules.Baseline baseline(
      ModelHeads heads, int[] pinned, Offers offers, SplittableRandom random) {
    int[][] changed = new int[heads.count()][CANDIDATES];
    int[] old = new int[heads.count()];
    for (int place = 0; place < old.length; place++) {
      old[place] =
          pinned[place] == ChoiceRules.FREE
              ? offers.offer(random.nextInt(CANDIDATES), place)
              : pinned[place];
      Arrays.fill(changed[place], 1);
      changed[place][offers.candidate(old[place])] = 0;
    }
    return new ChoiceRules.Baseline(changed, random.nextInt(1, heads.count() + 1), old);
  }

  private static HeadSearch search(SearchProblem problem) {
    return new HeadSearch(
        problem,
        new SearchEffort(10_000_000),
        20_000,
        SearchRequest.DEFAULT_SEED,
        SearchProgress.NONE);
  }

  @Test
  void aLimitOnTheLossThatDoesNotBindLeavesTheFastestPlan() {
    TestModel model = TestModel.of(2, 2, TestModel.SIX_CANDIDATES, 1024);
    SearchProblem problem =
        model.problem(
            8,
            new Goal(List.of(), new Aim.LeastTime(1e6), Rules.NONE),
            ChoiceRules.none(ModelHeads.of(model.identity())));
    FoundPlan found = search(problem).searched();
    double least = EveryChoice.leastMicros(problem).orElseThrow();
    assertThat(problem.workloadMicros(found.choice())).isCloseTo(least, within(1e-9 * least));
    assertThat(found.workloadMicrosBound()).isLessThanOrEqualTo(least);
  }
}
