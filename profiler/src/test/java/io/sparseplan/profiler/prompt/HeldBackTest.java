package io.sparseplan.profiler.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeldBackTest {
  private static List<Prompt> prompts(int... lengths) {
    var prompts = new ArrayList<Prompt>();
    for (int length : lengths) {
      prompts.add(new Prompt(prompts.size() + 1, new int[length], List.of()));
    }
    return prompts;
  }

  private static List<Integer> lines(List<Prompt> prompts) {
    return prompts.stream().map(Prompt::line).toList();
  }

  @Test
  void aQuarterOfEachLengthIsHeldBack() {
    HeldBack parts = HeldBack.of(prompts(5, 5, 5, 5, 9, 5, 5, 5, 5, 9));
    assertThat(lines(parts.fitting())).containsExactly(1, 2, 3, 4, 6, 7, 5);
    assertThat(lines(parts.heldBack())).containsExactly(8, 9, 10);
  }

  @Test
  void onePromptAloneCannotBeBoth() {
    assertThatThrownBy(() -> HeldBack.of(prompts(5, 5, 9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9 tokens");
  }
}
