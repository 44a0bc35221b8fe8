package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import org.junit.jupiter.api.Test;

class PromptAgreementTest {
  private static final Profile PROFILE = SyntheticProfile.small("llama-16m");
  private static final Plan PLAN = SyntheticPlan.of(PROFILE);
  private static final ShownCalibration SHOWN = PromptAgreement.of(PLAN, PROFILE);

  @Test
  void theMeanOverThePromptsOfALengthIsThePlansLossThere() {
    for (Prediction.AtLength at : PLAN.predicted().byLength()) {
      double mean =
          SHOWN.prompts().stream()
              .filter(prompt -> prompt.lengthTokens() == at.length().count())
              .mapToDouble(ShownCalibration.OfPrompt::loss)
              .average()
              .orElseThrow();

      assertThat(mean).isCloseTo(at.loss(), within(1e-3 * at.loss()));
    }
  }

  @Test
  void theHeadOnWhichPromptsDifferMostComesFirst() {
    double widest = 0;
    int first = -1;
    for (int place = 0; place < PLAN.heads().size(); place++) {
      int candidate = PROFILE.candidates().indexOf(PLAN.heads().get(place).prefill());
      for (var length : PROFILE.lengths()) {
        double most = 0;
        double least = 1;
        for (PromptStatistics prompt : PROFILE.promptsOf(length)) {
          HeadStatistics head = prompt.heads().get(place);
          most = Math.max(most, head.recall()[candidate]);
          least = Math.min(least, head.recall()[candidate]);
        }
        if (most - least > widest) {
          widest = most - least;
          first = place;
        }
      }
    }

    assertThat(SHOWN.disputedPlaces().getFirst()).isEqualTo(first);
    assertThat(SHOWN.disputed().rows().getFirst().getFirst())
        .isEqualTo(PLAN.heads().get(first).id().toString());
  }

  @Test
  void everyLengthHasARow() {
    assertThat(SHOWN.byLength().rows())
        .extracting(row -> row.get(0) + ": " + row.get(1))
        .containsExactly("1,024: 3", "2,048: 3", "4,096: 3");
  }
}
