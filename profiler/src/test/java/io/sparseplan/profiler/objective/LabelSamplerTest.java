package io.sparseplan.profiler.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.profiler.prompt.Prompt;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Labels come as often as the softmax says, and the same way each time. */
final class LabelSamplerTest {
  private static final int VOCABULARY = 37;
  private static final int AT = 3;

  private static float[] logits() {
    float[] logits = new float[VOCABULARY + 8];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * Math.sin(1 + 2.7 * i));
    }
    return logits;
  }

  private static float max(float[] logits) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < VOCABULARY; i++) {
      max = Math.max(max, logits[AT + i]);
    }
    return max;
  }

  private static Prompt prompt(int token) {
    return new Prompt(1, new int[] {1, 2, token}, List.of());
  }

  @Test
  void drawsEachTokenAsOftenAsTheSoftmaxSays() {
    float[] logits = logits();
    var sampler = new LabelSampler(prompt(3), VOCABULARY);
    int draws = 200_000;
    int[] seen = new int[VOCABULARY];
    for (int position = 0; position < draws; position++) {
      seen[sampler.draw(position, logits, AT, max(logits))]++;
    }
    double all = 0;
    for (int token = 0; token < VOCABULARY; token++) {
      all += Math.exp(logits[AT + token]);
    }
    for (int token = 0; token < VOCABULARY; token++) {
      double share = Math.exp(logits[AT + token]) / all;
      // Five standard deviations of a share of so many draws.
      assertThat((double) seen[token] / draws)
          .as("token %d", token)
          .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / draws)));
    }
  }

  @Test
  void dependsOnThePromptAndThePositionAlone() {
    float[] logits = logits();
    int[] first = new int[500];
    int[] again = new int[500];
    int[] other = new int[500];
    var one = new LabelSampler(prompt(3), VOCABULARY);
    var two = new LabelSampler(prompt(3), VOCABULARY);
    var three = new LabelSampler(prompt(4), VOCABULARY);
    for (int position = 0; position < first.length; position++) {
      int backwards = first.length - 1 - position;
      first[position] = one.draw(position, logits, AT, max(logits));
      again[backwards] = two.draw(backwards, logits, AT, max(logits));
      other[position] = three.draw(position, logits, AT, max(logits));
    }
    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void aTokenThatIsCertainIsDrawn() {
    float[] logits = new float[VOCABULARY];
    logits[VOCABULARY - 1] = 200;
    var sampler = new LabelSampler(prompt(3), VOCABULARY);
    for (int position = 0; position < 100; position++) {
      assertThat(sampler.draw(position, logits, 0, 200)).isEqualTo(VOCABULARY - 1);
    }
  }
}
