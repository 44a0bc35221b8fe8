package io.sparseplan.profiler.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flash attention over tiles against the definition, for lengths and tiles that do not fit. */
final class BlockSparseAttentionTest {
  private static final List<FixedPattern> PATTERNS =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(0), Tokens.of(1), 0),
          new ElasticSpan(Tokens.of(1), Tokens.of(20), 0),
          new ElasticSpan(Tokens.of(40), Tokens.of(0), 0.25));

  @ParameterizedTest
  @CsvSource({
    "1, 16, 64",
    "2, 128, 32",
    "17, 16, 2",
    "33, 16, 64",
    "100, 7, 10",
    "130, 64, 18",
    "64, 32, 128",
    "129, 128, 64",
    "50, 200, 6"
  })
  void outputIsThatOfTheDefinition(int tokens, int tile, int headDim) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(tokens, tile, headDim, workers);
      for (FixedPattern pattern : PATTERNS) {
        Activations o =
            layer.attend(
                AttentionTiles.uniform(HeadTiles.both(pattern.on(layer.grid))),
                new BitSet(),
                workers);
        for (int head = 0; head < 4; head++) {
          for (int query = 0; query < tokens; query++) {
            assertRow(layer, o, head, query, pattern);
          }
        }
      }
    }
  }

  @Test
  void answerRowsRunTheDecodePatternAndOthersThePrefillPattern() {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(90, 16, 32, workers);
      FixedPattern prefill = PATTERNS.get(1);
      FixedPattern decode = PATTERNS.get(3);
      var answers = new BitSet();
      answers.set(40, 58);
      answers.set(89);
      Activations o =
          layer.attend(
              AttentionTiles.uniform(new HeadTiles(prefill.on(layer.grid), decode.on(layer.grid))),
              answers,
              workers);
      for (int query = 0; query < 90; query++) {
        assertRow(layer, o, 3, query, answers.get(query) ? decode : prefill);
      }
    }
  }

  @Test
  void theResultDoesNotDependOnTheNumberOfThreads() {
    try (Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      var layer = new RandomLayer(300, 32, 64, one);
      AttentionTiles dense = AttentionTiles.dense(layer.grid);
      assertThat(layer.attend(dense, new BitSet(), three).data())
          .isEqualTo(layer.attend(dense, new BitSet(), one).data());
    }
  }

  private static void assertRow(
      RandomLayer layer, Activations o, int head, int query, FixedPattern pattern) {
    NaiveAttention naive = layer.naive();
    double[] expected = naive.output(head, naive.weights(head, query, pattern, layer.grid));
    int at = o.at(query) + head * expected.length;
    for (int d = 0; d < expected.length; d++) {
      assertThat((double) o.data()[at + d])
          .as("%s head %d query %d element %d", pattern.label(), head, query, d)
          .isCloseTo(expected[d], within(2e-5));
    }
  }
}
