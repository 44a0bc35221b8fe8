package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TriShape;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.fixture.TestModel;
import java.util.ArrayList;
import java.util.Collections;
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
  void betweenProfiledLengthsALossLiesOnTheLineBetweenItsOwn() {
    HeadLosses losses = at(profile, 1448);
    for (int head = 0; head < 6; head++) {
      for (int candidate = 0; candidate < 6; candidate++) {
        double middle = (meanError(1024, head, candidate) + meanError(2048, head, candidate)) / 2;
        assertThat(losses.mean(head, candidate)).isCloseTo(middle, within(1e-3 * middle + 1e-12));
      }
    }
  }

  @Test
  void beyondThemAllCandidatesOfAHeadGrowByThePowerOfTheMedian() {
    HeadLosses longer = at(profile, 8192);
    HeadLosses shorter = at(profile, 400);
    for (int head = 0; head < 6; head++) {
      List<Double> ratios = new ArrayList<>();
      for (int candidate = 1; candidate < 6; candidate++) {
        ratios.add(meanError(2048, head, candidate) / meanError(1024, head, candidate));
      }
      Collections.sort(ratios);
      double ofMedian = ratios.get(2);
      for (int candidate = 1; candidate < 6; candidate++) {
        double expected = meanError(2048, head, candidate) * ofMedian * ofMedian;
        assertThat(longer.mean(head, candidate)).isCloseTo(expected, within(1e-9 * expected));
      }
      assertThat(longer.mean(head, 0)).isZero();
      assertThat(shorter.mean(head, 1)).isPositive();
      assertThat(shorter.mean(head, 3)).as("a window that covers all").isZero();
    }
  }

  @Test
  void aCandidateThatDroppedNothingYetLosesAsMuchAsTheBestOfThoseWithinIt() {
    List<Pattern> candidates =
        List.of(
            new Dense(),
            TestModel.span(512, 0),
            TestModel.span(1024, 0),
            TestModel.span(2048, 0),
            new TriShape(Tokens.of(128), Tokens.of(2048), 0, Tokens.of(64)));
    Profile covered = TestModel.of(2, 3, candidates, 1024, 2048).profile();
    HeadLosses losses = at(covered, 4096);
    for (int head = 0; head < 6; head++) {
      assertThat(losses.mean(head, 2)).isPositive();
      assertThat(losses.mean(head, 3)).isEqualTo(losses.mean(head, 2));
      assertThat(losses.mean(head, 4)).isEqualTo(losses.mean(head, 2));
      assertThat(losses.mean(head, 0)).isZero();
    }
  }

  private static HeadLosses at(Profile profile, int length) {
    return HeadLosses.of(
        profile, LossStatistic.OUTPUT_ERROR, Workload.prefill(1, TestModel.tokens(length)));
  }

  @Test
  void oneProfiledLengthShowsNoTrend() {
    Profile one = TestModel.of(2, 3, TestModel.SIX_CANDIDATES, 1024).profile();
    assertThatThrownBy(() -> at(one, 1536))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("(1536)")
        .hasMessageContaining("(1024)")
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void whatPicksItsTilesIsOutOfRangeAtALengthThatWasNotProfiled() {
    List<Pattern> candidates = List.of(new Dense(), new VerticalSlash(30, 100));
    Profile selected = TestModel.of(2, 3, candidates, 1024, 2048).profile();
    assertThatThrownBy(() -> at(selected, 4096))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("(4096)")
        .hasMessageContaining(candidates.get(1).label())
        .hasMessageContaining("\nMaybe ");
  }
}
