package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.fixture.TestModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeadLossesTest {
  private final Profile profile =
      TestModel.of(2, 3, TestModel.SIX_CANDIDATES, 512, 1024, 2048).profile();

  @Test
  void meanWeighsTheLengthsOfTheWorkloadAndNoOthers() {
    var workload =
        new Workload(
            Phase.PREFILL,
            1,
            List.of(new Workload.Entry(Tokens.of(512), 3), new Workload.Entry(Tokens.of(2048), 1)));
    HeadLosses losses = HeadLosses.of(profile, LossStatistic.OUTPUT_ERROR, workload);
    for (int head = 0; head < 6; head++) {
      for (int candidate = 0; candidate < 6; candidate++) {
        double mean = (3 * meanError(512, head, candidate) + meanError(2048, head, candidate)) / 4;
        assertThat(losses.mean(head, candidate)).isCloseTo(mean, within(1e-12));
        assertThat(losses.at(1, head, candidate))
            .isCloseTo(meanError(2048, head, candidate), within(1e-12));
      }
    }
  }

  private double meanError(int length, int head, int candidate) {
    return profile.promptsOf(Tokens.of(length)).stream()
        .mapToDouble(prompt -> prompt.heads().get(head).outputError()[candidate])
        .average()
        .orElseThrow();
  }

  @Test
  void firstOrderLossesAreTheMeansOfTheRowRms() {
    HeadLosses losses =
        HeadLosses.of(
            profile, LossStatistic.FIRST_ORDER_MARGIN, Workload.prefill(1, TestModel.tokens(512)));
    for (int head = 0; head < 6; head++) {
      for (int candidate = 0; candidate < 6; candidate++) {
        int place = head;
        int scored = candidate;
        double mean =
            profile.promptsOf(Tokens.of(512)).stream()
                .mapToDouble(prompt -> prompt.heads().get(place).firstOrder().rowRms()[scored])
                .average()
                .orElseThrow();
        assertThat(losses.at(0, head, candidate)).isCloseTo(mean, within(1e-12));
      }
    }
  }

  @Test
  void aFirstOrderLossOfAnotherObjectiveThanTheProfilesIsRefused() {
    assertThatThrownBy(
            () ->
                HeadLosses.of(
                    profile,
                    LossStatistic.FIRST_ORDER_CE,
                    Workload.prefill(1, TestModel.tokens(512))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("FIRST_ORDER_CE")
        .hasMessageContaining("MARGIN")
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void aLengthThatWasNotProfiledIsRefusedByName() {
    Workload workload = Workload.prefill(1, TestModel.tokens(1024, 1536));
    assertThatThrownBy(() -> HeadLosses.of(profile, LossStatistic.OUTPUT_ERROR, workload))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("(1536)")
        .hasMessageContaining("[512, 1024, 2048]")
        .hasMessageContaining("\nMaybe ");
  }
}
