package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.HeadLaunch;
import io.sparseplan.costmodel.LayerTime;
import io.sparseplan.costmodel.PlanPricer;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.SelectedTiles;
import io.sparseplan.report.fixture.PricedPlan;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import io.sparseplan.report.source.PlanDevice;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CandidateTimesTest {
  private static final Profile PROFILE = SyntheticProfile.small("small");
  private static final Plan PLAN = PricedPlan.of(SyntheticPlan.of(PROFILE));
  private static final PlanDevice DEVICE = PlanDevice.shipped(PLAN).orElseThrow();
  private final CandidateTimes times =
      CandidateTimes.of(PLAN, PROFILE, Optional.of(DEVICE)).orElseThrow();

  /** The reference: the blocks of the plan's own launches, head by head. */
  @Test
  void theTimeOfTheChoiceIsThatOfItsBlocksInTheLaunch() {
    var pricer =
        new PlanPricer(
            DEVICE.table(),
            DEVICE.runtime(),
            PLAN.model(),
            PLAN.layout(),
            PLAN.heads().stream().map(HeadDecision::prefill).toList(),
            SelectedTiles.NONE);
    var micros = new double[PLAN.heads().size()];
    List<List<LayerTime>> layers = pricer.layerTimes(PLAN.workload());
    for (int n = 0; n < layers.size(); n++) {
      for (int layer = 0; layer < layers.get(n).size(); layer++) {
        for (HeadLaunch launch : layers.get(n).get(layer).launches()) {
          for (int nth = 0; nth < launch.heads().size(); nth++) {
            micros[layer * 6 + launch.heads().get(nth)] +=
                PLAN.workload().lengths().get(n).weight() * launch.workMicros(nth);
          }
        }
      }
    }

    for (int place = 0; place < micros.length; place++) {
      int chosen = PROFILE.candidates().indexOf(PLAN.heads().get(place).prefill());
      assertThat(times.micros(place, chosen))
          .isCloseTo(micros[place], within(1e-9 * micros[place]));
    }
  }

  @Test
  void noCandidateTakesLongerThanDense() {
    int dense = PROFILE.candidates().indexOf(new Dense());

    for (int candidate = 0; candidate < PROFILE.candidates().size(); candidate++) {
      assertThat(times.micros(7, candidate))
          .isPositive()
          .isLessThanOrEqualTo(times.micros(7, dense));
    }
  }

  @Test
  void ofTheCandidatesConsideredNoneIsSlowerAndLosesMoreThanAnother() {
    assertThat(new HeadViews(PLAN, PROFILE, Optional.of(DEVICE)).heads())
        .allSatisfy(
            head -> {
              List<ShownHead.Considered> unbeaten =
                  head.considered().stream()
                      .filter(considered -> considered.candidate() != head.chosen())
                      .toList();
              for (int nth = 1; nth < unbeaten.size(); nth++) {
                assertThat(unbeaten.get(nth).loss())
                    .isLessThanOrEqualTo(unbeaten.get(nth - 1).loss());
                assertThat(unbeaten.get(nth).timeMicros().orElseThrow())
                    .isGreaterThanOrEqualTo(unbeaten.get(nth - 1).timeMicros().orElseThrow());
              }
            });
  }

  @Test
  void withoutTheDeviceTableThereAreNone() {
    assertThat(CandidateTimes.of(PLAN, PROFILE, Optional.empty())).isEmpty();
    assertThat(new HeadViews(PLAN, PROFILE, Optional.empty()).heads())
        .allSatisfy(
            head ->
                assertThat(head.considered())
                    .allSatisfy(candidate -> assertThat(candidate.timeMicros()).isEmpty()));
  }
}
