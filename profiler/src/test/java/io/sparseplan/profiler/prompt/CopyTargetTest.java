package io.sparseplan.profiler.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CopyTargetTest {
  private static final int[] IDS = {9, 5, 6, 7, 1, 6, 2, 5, 6, 7, 3, 5, 6, 8};

  private static List<CopyTarget> targets(int[] ids, AnswerSpan... answers) {
    return CopyTarget.of(new Prompt(1, ids, List.of(answers)));
  }

  private static void assertTarget(CopyTarget target, int row, int... keys) {
    assertThat(target.row()).isEqualTo(row);
    assertThat(target.keys()).isEqualTo(keys);
  }

  @Test
  void everyTokenOfAnAnswerIsCopiedFromItsEarlierOccurrence() {
    List<CopyTarget> targets = targets(IDS, new AnswerSpan(7, 10));
    assertThat(targets).hasSize(3);
    assertTarget(targets.get(0), 6, 1);
    assertTarget(targets.get(1), 7, 2);
    assertTarget(targets.get(2), 8, 3);
  }

  @Test
  void everyOccurrenceIsANeedle() {
    // 5 6 of the answer 5 6 8 stands at 1 and at 7; 8 is in no needle.
    List<CopyTarget> targets = targets(IDS, new AnswerSpan(11, 14));
    assertThat(targets).hasSize(2);
    assertTarget(targets.get(0), 10, 1, 7);
    assertTarget(targets.get(1), 11, 2, 8);
  }

  @Test
  void anEqualTokenOutsideTheNeedleIsNoTarget() {
    // 6 stands at 5 too, but not as a part of the run.
    assertThat(targets(IDS, new AnswerSpan(7, 10)).get(1).keys()).doesNotContain(5);
  }

  @Test
  void aTokenThatTheNeedleHoldsTwiceMayBeCopiedFromEither() {
    List<CopyTarget> targets = targets(new int[] {4, 4, 2, 9, 4, 4, 2}, new AnswerSpan(4, 7));
    assertThat(targets).hasSize(3);
    assertTarget(targets.get(0), 3, 0, 1);
    assertTarget(targets.get(1), 4, 0, 1);
    assertTarget(targets.get(2), 5, 2);
  }

  @Test
  void anAnswerOfWhichOnlyHalfStoodBeforeHasNoNeedle() {
    assertThat(targets(new int[] {1, 2, 7, 1, 2, 3, 4}, new AnswerSpan(3, 7))).isEmpty();
    assertThat(targets(new int[] {1, 2, 3}, new AnswerSpan(1, 3))).isEmpty();
  }

  @Test
  void whatComesAfterAnAnswerIsNoNeedle() {
    assertThat(targets(new int[] {9, 1, 2, 9, 1, 2}, new AnswerSpan(1, 3))).isEmpty();
  }

  @Test
  void aPromptWithoutAnswersHasNoTargets() {
    assertThat(targets(IDS)).isEmpty();
  }

  @Test
  void answersKeepTheirOrder() {
    List<CopyTarget> targets = targets(IDS, new AnswerSpan(7, 10), new AnswerSpan(11, 13));
    assertThat(targets).extracting(CopyTarget::row).containsExactly(6, 7, 8, 10, 11);
  }
}
