package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.report.fixture.ChangedPlan;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShownDiffTest {
  private static final Plan BASELINE = SyntheticPlan.of(SyntheticProfile.small("small"));
  private static final int SPARSE_PLACE = sparsePlace();

  @Test
  void aPlanDoesNotDifferFromItself() {
    ShownDiff shown = shown(BASELINE);

    assertThat(shown.sentence()).isEqualTo("Every head runs the baseline's pattern.");
    assertThat(shown.notes()).isEmpty();
    assertThat(shown.changed()).isEmpty();
    assertThat(shown.heads().rows()).isEmpty();
    assertThat(shown.figures().rows()).allSatisfy(row -> assertThat(row.getLast()).isEqualTo("±0"));
    assertThat(shown.counted().rows()).allSatisfy(row -> assertThat(row.getLast()).isEqualTo("±0"));
  }

  @Test
  void namesEveryHeadThatChangesWithBothPatterns() {
    Pattern before = BASELINE.heads().get(SPARSE_PLACE).prefill();
    ShownDiff shown = shown(ChangedPlan.withPattern(BASELINE, SPARSE_PLACE, new Dense()));

    assertThat(shown.sentence())
        .isEqualTo("1 of 60 heads run another pattern than in the baseline (churn 2 %).");
    assertThat(shown.changed()).containsExactly(SPARSE_PLACE);
    assertThat(shown.heads().rows())
        .singleElement()
        .satisfies(
            row ->
                assertThat(row.subList(0, 3))
                    .containsExactly(
                        BASELINE.heads().get(SPARSE_PLACE).id().toString(),
                        before.label(),
                        "dense"));
  }

  @Test
  void whatIsCountedStandsApartFromWhatIsEstimated() {
    ShownDiff shown = shown(ChangedPlan.withPattern(BASELINE, SPARSE_PLACE, new Dense()));

    assertThat(shown.figures().columns().getLast().basis()).isEqualTo(Basis.ESTIMATED);
    assertThat(shown.figures().rows())
        .extracting(List::getFirst)
        .contains("predicted loss", "attention time, ms")
        .doesNotContain("mean density");
    assertThat(shown.counted().columns().getLast().basis()).isEqualTo(Basis.COUNTED);
    assertThat(shown.counted().rows())
        .extracting(List::getFirst)
        .containsExactly("mean density", "dense heads");
    assertThat(shown.counted().rows().getLast().getLast()).isEqualTo("+1");
  }

  @Test
  void timesOfAnotherDeviceTableAreNotSubtracted() {
    DeviceIdentity device = BASELINE.device();
    var other =
        new DeviceIdentity(
            "h200-flex-attention",
            Sha256.of("other"),
            "H200",
            device.kernel(),
            device.runtime(),
            1.4,
            false);
    ShownDiff shown = shown(ChangedPlan.withDevice(BASELINE, other));

    assertThat(shown.notes())
        .containsExactly(
            "The two differ in the device table.",
            "Their predicted times are not of the same launches and do not compare.");
    assertThat(row(shown, "attention time, ms").getLast()).isEqualTo(Table.NOTHING);
    assertThat(row(shown, "predicted loss").getLast()).isEqualTo("±0");
  }

  @Test
  void aModelOfAnotherShapeIsRefused() {
    Plan other =
        SyntheticPlan.of(
            SyntheticProfile.of(
                SyntheticProfile.model("wide", new LayerCount(10), new QueryHeads(8)),
                List.of(1024, 2048),
                1));

    assertThatThrownBy(() -> PlanDiff.between(BASELINE, other))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("small (10 layers, 6 query heads, 2 key-value heads, head_dim 64)")
        .hasMessageContaining("wide (10, 8, 2, 64)");
  }

  private static List<String> row(ShownDiff shown, String figure) {
    return shown.figures().rows().stream()
        .filter(row -> row.getFirst().equals(figure))
        .findFirst()
        .orElseThrow();
  }

  private static ShownDiff shown(Plan plan) {
    return ShownDiff.of(PlanDiff.between(BASELINE, plan));
  }

  private static int sparsePlace() {
    int place = 0;
    while (BASELINE.heads().get(place).prefill().equals(new Dense())) {
      place++;
    }
    return place;
  }
}
