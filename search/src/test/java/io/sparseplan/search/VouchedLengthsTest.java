package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.plan.Vouched.Beyond;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.fixture.TestModel;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VouchedLengthsTest {
  private static final TestModel MODEL = TestModel.of(2, 2, TestModel.SIX_CANDIDATES, 1024, 2048);
  private static final int HEADS = 4;
  private static final int[] DENSE = new int[HEADS];
  private static final int[] SPARSE = new int[HEADS];

  static {
    Arrays.fill(SPARSE, TestModel.SIX_CANDIDATES.size() - 1);
  }

  private static SearchRequest request(
      TestModel model, LossStatistic statistic, Beyond beyond, double maxTime, int... lengths) {
    return new SearchRequest(
        statistic == LossStatistic.DIVERGENCE ? ofDivergence(model.profile()) : model.profile(),
        statistic,
        DeviceTable.resolve(DeviceTable.DEFAULT),
        AttentionRuntime.KERNEL_ALONE,
        Workload.prefill(8, TestModel.tokens(lengths)),
        TestModel.goal(new Limit.MaxTime(maxTime)),
        beyond,
        Optional.empty(),
        Strategy.OPTAPLANNER,
        SearchRequest.DEFAULT_SEED,
        new SearchEffort(100_000),
        TestModel::run);
  }

  private static Profile ofDivergence(Profile profile) {
    return new Profile(
        profile.schemaVersion(),
        profile.tool(),
        profile.model(),
        profile.tile(),
        profile.promptSet(),
        Objective.KL,
        profile.candidates(),
        profile.prompts(),
        profile.run());
  }

  private static Vouched vouched(LossStatistic statistic, int[] choice, int... lengths) {
    return VouchedLengths.of(request(MODEL, statistic, Beyond.DENSE, 0.5, lengths), choice);
  }

  @Test
  void asFarAsWasProfiledEvenWhereTheWorkloadIsShorter() {
    assertThat(vouched(LossStatistic.OUTPUT_ERROR, SPARSE, 1024).upTo()).isEqualTo(Tokens.of(2048));
  }

  @Test
  void asFarAsTheGoalAsksFor() {
    assertThat(vouched(LossStatistic.OUTPUT_ERROR, SPARSE, 1024, 6000).upTo())
        .isEqualTo(Tokens.of(6000));
  }

  @Test
  void toTwiceWhatWasProfiledWhereTheTrendOfADivergenceStaysSmall() {
    assertThat(vouched(LossStatistic.DIVERGENCE, DENSE, 2048).upTo()).isEqualTo(Tokens.of(4096));
    assertThat(vouched(LossStatistic.DIVERGENCE, SPARSE, 2048).upTo()).isEqualTo(Tokens.of(2048));
  }

  @Test
  void noFurtherWhereNoTrendIsKnown() {
    assertThat(vouched(LossStatistic.OUTPUT_ERROR, DENSE, 2048).upTo()).isEqualTo(Tokens.of(2048));
    TestModel oneLength = TestModel.of(2, 2, TestModel.SIX_CANDIDATES, 2048);
    assertThat(
            VouchedLengths.of(
                    request(oneLength, LossStatistic.DIVERGENCE, Beyond.DENSE, 0.5, 2048), DENSE)
                .upTo())
        .isEqualTo(Tokens.of(2048));
  }

  @Test
  void beyondItEveryHeadRunsDenseAndUpToItItsPattern() {
    Plan plan = plan(LossStatistic.OUTPUT_ERROR, Beyond.DENSE, 0.8, 2048);
    assertThat(plan.heads()).anyMatch(head -> !head.prefill().equals(new Dense()));
    assertThat(plan.at(Tokens.of(2048))).isSameAs(plan);
    assertThat(plan.at(Tokens.of(2049)).heads())
        .hasSize(HEADS)
        .allMatch(head -> head.prefill().equals(new Dense()) && head.decode().isEmpty())
        .extracting(head -> head.id().toString())
        .containsExactly("L0.H0", "L0.H1", "L1.H0", "L1.H1");
  }

  @Test
  void patternsGoOnWhereThatIsAskedFor() {
    Plan plan = plan(LossStatistic.OUTPUT_ERROR, Beyond.PATTERNS, 0.8, 2048);
    assertThat(plan.predicted().vouched()).isEqualTo(new Vouched(Tokens.of(2048), Beyond.PATTERNS));
    assertThat(plan.at(Tokens.of(1 << 20))).isSameAs(plan);
  }

  @Test
  void whereDenseIsFasterIsNotAskedOfLengthsThatRunDenseAnyway() {
    Plan dense = plan(LossStatistic.OUTPUT_ERROR, Beyond.DENSE, 0.8, 2048);
    Plan patterns = plan(LossStatistic.OUTPUT_ERROR, Beyond.PATTERNS, 0.8, 2048);
    assertThat(dense.predicted().denseWins().triedTo()).isEqualTo(Tokens.of(2048));
    assertThat(patterns.predicted().denseWins().triedTo()).isEqualTo(Tokens.of(4096));
  }

  @Test
  void aLengthWhoseTrendIsNotToBeTrustedIsRefusedUnlessPatternsAreToGoOn() {
    Plan refused = plan(LossStatistic.DIVERGENCE, Beyond.DENSE, 0.6, 2048, 4096);
    double loss = refused.predicted().byLength().getLast().loss();
    assertThat(loss).isGreaterThan(VouchedLengths.MOST_DIVERGENCE);
    assertThatThrownBy(() -> VouchedLengths.requireTrusted(refused))
        .isInstanceOf(NoFeasiblePlanException.class)
        .hasMessageContaining("length 4096, which was not profiled")
        .hasMessageContaining("predictions hold up to 0.001")
        .hasMessageContaining("\nMaybe profile with --lengths that hold 4096");
    assertThatCode(
            () -> {
              VouchedLengths.requireTrusted(
                  plan(LossStatistic.DIVERGENCE, Beyond.PATTERNS, 0.6, 2048, 4096));
              VouchedLengths.requireTrusted(
                  plan(LossStatistic.DIVERGENCE, Beyond.DENSE, 0.6, 2048));
            })
        .doesNotThrowAnyException();
  }

  private static Plan plan(LossStatistic statistic, Beyond beyond, double maxTime, int... lengths) {
    return PlanSearch.search(
        request(MODEL, statistic, beyond, maxTime, lengths), SearchProgress.NONE);
  }
}
