package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.fixture.PricedPlan;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import io.sparseplan.report.source.PlanDevice;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeAnalysisTest {
  private static final Profile PROFILE = SyntheticProfile.small("llama-16m");
  private static final Plan PLAN = PricedPlan.of(SyntheticPlan.of(PROFILE));

  @ParameterizedTest
  @ValueSource(strings = {"kernel-alone", "flex-attention", "moa", "duo-attention"})
  void thePartsOfAllLayersSumToThePlansTimeAtEachLength(String runtime) {
    Plan plan =
        PricedPlan.of(
            SyntheticPlan.of(PROFILE),
            DeviceTable.DEFAULT,
            runtime.equals("kernel-alone")
                ? AttentionRuntime.KERNEL_ALONE
                : AttentionRuntime.resolve(runtime));
    ShownTimes times =
        TimeAnalysis.of(plan, Optional.of(PROFILE), PlanDevice.shipped(plan)).times().orElseThrow();

    assertThat(times.byLength()).hasSameSizeAs(plan.predicted().byLength());
    for (int n = 0; n < times.byLength().size(); n++) {
      Prediction.AtLength at = plan.predicted().byLength().get(n);
      double micros =
          times.byLength().get(n).layers().stream()
              .flatMap(layer -> layer.partMicros().stream())
              .mapToDouble(part -> part)
              .sum();
      assertThat(micros / 1000)
          .isCloseTo(at.time().planMillis(), within(1e-3 * at.time().planMillis()));
      assertThat(times.byPart().rows().get(n).get(1))
          .isEqualTo(NumberText.significant(at.time().planMillis()));
    }
  }

  @Test
  void aPictureHoldsTheLastBlockOfEachSlotAndNoMoreThanAllSlotsAreBusy() {
    ShownTimes times =
        TimeAnalysis.of(PLAN, Optional.of(PROFILE), PlanDevice.shipped(PLAN)).times().orElseThrow();

    for (LaunchPicture picture : times.pictures()) {
      assertThat(picture.lastBlocks())
          .hasSize(3 * (int) Math.min(picture.slots(), picture.blocks()));
      assertThat(picture.lastBlocks().get(2)).isEqualTo(LaunchPicture.PARTS);
      assertThat(picture.denseBusy()).hasSize(2 * LaunchPicture.STRETCHES);
      for (int at = 0; at < picture.denseBusy().length(); at += 2) {
        int busy =
            Integer.parseInt(picture.denseBusy().substring(at, at + 2), 16)
                + Integer.parseInt(picture.sparseBusy().substring(at, at + 2), 16);
        assertThat(busy).isLessThanOrEqualTo(256);
      }
    }
  }

  @Test
  void layersOfEqualHeadsShareAPicture() {
    Plan dense =
        PricedPlan.of(
            SyntheticPlan.of(
                SyntheticProfile.denseOnly(PROFILE), List.of(new Limit.MaxTime(1)), List.of()));
    ShownTimes times =
        TimeAnalysis.of(dense, Optional.empty(), PlanDevice.shipped(dense)).times().orElseThrow();

    assertThat(times.pictures()).hasSameSizeAs(times.byLength());
    assertThat(times.advice())
        .anySatisfy(
            advice ->
                assertThat(advice)
                    .isEqualTo(
                        "6 dense heads (H0, H1, H2, H3, H4, H5) decide layer 0's time: 100 % of its work."));
  }

  @Test
  void aDeviceThatDoesNotComeWithTheProgramIsAskedFor() {
    TimeAnalysis.Outcome outcome =
        TimeAnalysis.of(SyntheticPlan.of(PROFILE), Optional.empty(), Optional.empty());

    assertThat(outcome.times()).isEmpty();
    assertThat(outcome.note()).contains("sparseplan report PLAN --device TABLE");
  }

  @Test
  void timesThatDoNotComeOutAgainAreNotShown() {
    Plan other = SyntheticPlan.of(PROFILE);
    TimeAnalysis.Outcome outcome =
        TimeAnalysis.of(other, Optional.empty(), PlanDevice.shipped(PLAN));

    assertThat(outcome.times()).isEmpty();
    assertThat(outcome.note()).contains("cannot be taken apart");
  }
}
