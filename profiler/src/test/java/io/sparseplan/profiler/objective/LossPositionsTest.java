package io.sparseplan.profiler.objective;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.prompt.AnswerSpan;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LossPositionsTest {
  private static final int[] IDS = {5, 6, 7, 8, 9, 10};
  private static final Prompt MARKED =
      new Prompt(1, IDS, List.of(new AnswerSpan(2, 4), new AnswerSpan(5, 6)));
  private static final Prompt UNMARKED = new Prompt(1, IDS, List.of());

  @ParameterizedTest
  @CsvSource({"MARGIN, LOG_ODDS", "CE, CROSS_ENTROPY", "TEMP, TEMPERED_CROSS_ENTROPY"})
  void answersAreMeasuredByThePromptWhereTheyAreMarked(Objective objective, TokenLoss loss) {
    LossPositions marked = LossPositions.of(MARKED, objective);
    assertThat(marked.all()).containsExactly(1, 2, 4);
    assertThat(marked.drawn().isEmpty()).isTrue();
    assertThat(marked.ofPrompt()).isEqualTo(loss);
    assertThat(LossPositions.of(UNMARKED, objective).all()).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void theDivergenceIsOfDrawnTokensEverywhere() {
    LossPositions positions = LossPositions.of(MARKED, Objective.KL);
    assertThat(positions.all()).containsExactly(0, 1, 2, 3, 4);
    assertThat(positions.drawn().stream()).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void theGuardedDivergenceMeasuresMarkedAnswersByThePrompt() {
    LossPositions positions = LossPositions.of(MARKED, Objective.GUARDED_KL);
    assertThat(positions.all()).containsExactly(0, 1, 2, 3, 4);
    assertThat(positions.drawn().stream()).containsExactly(0, 3);
    assertThat(positions.ofPrompt()).isEqualTo(TokenLoss.LOG_ODDS);
    assertThat(LossPositions.of(UNMARKED, Objective.GUARDED_KL).drawn().stream())
        .containsExactly(0, 1, 2, 3, 4);
  }
}
