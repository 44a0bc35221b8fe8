package io.sparseplan.profiler.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.Strided;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flash attention over tiles against the definition, for lengths and tiles that do not fit. */
final class BlockSparseAttentionTest {
  private static final List<Pattern> PATTERNS =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(0), Tokens.of(1), 0),
          new ElasticSpan(Tokens.of(1), Tokens.of(20), 0),
          new ElasticSpan(Tokens.of(40), Tokens.of(0), 0.25),
          new Skip(),
          new Strided(Tokens.of(20), Tokens.of(16), Tokens.of(48), Tokens.of(5)),
          new VerticalSlash(1, 1),
          new BlockTopK(Tokens.of(40), 0.1),
          new BlockTopP(0.7, Tokens.of(0), 1),
          new HashBuckets(2, Tokens.of(8), Tokens.of(0), Tokens.of(20), 3));

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
      for (Pattern pattern : PATTERNS) {
        Activations o =
            layer.attend(
                AttentionTiles.uniform(HeadPatterns.both(pattern), layer.grid),
                new BitSet(),
                workers);
        for (int head = 0; head < 4; head++) {
          BitSet[] keys = new NaiveSelection(layer.naive(), layer.grid, head).keys(pattern);
          for (int query = 0; query < tokens; query++) {
            assertRow(layer, o, head, query, pattern, keys[query]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "3, 6", "7, 1", "6, 7", "9, 1", "9, 7"})
  void answerRowsRunTheDecodePatternAndOthersThePrefillPattern(int ofPrefill, int ofDecode) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(90, 16, 32, workers);
      Pattern prefill = PATTERNS.get(ofPrefill);
      Pattern decode = PATTERNS.get(ofDecode);
      var answers = new BitSet();
      answers.set(40, 58);
      answers.set(89);
      Activations o =
          layer.attend(
              AttentionTiles.uniform(new HeadPatterns(prefill, decode), layer.grid),
              answers,
              workers);
      var selection = new NaiveSelection(layer.naive(), layer.grid, 3);
      BitSet[] ofPrompt = selection.keys(prefill);
      BitSet[] ofAnswers = selection.keys(decode);
      for (int query = 0; query < 90; query++) {
        boolean answer = answers.get(query);
        assertRow(
            layer,
            o,
            3,
            query,
            answer ? decode : prefill,
            answer ? ofAnswers[query] : ofPrompt[query]);
      }
    }
  }

  @Test
  void keysThatStandForOthersCountAsOftenAsThose() {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(150, 8, 16, workers);
      var rule = new HashBuckets(4, Tokens.of(8), Tokens.of(12), Tokens.of(8), 9);
      Activations o =
          layer.attend(
              AttentionTiles.uniform(HeadPatterns.both(rule), layer.grid), new BitSet(), workers);
      var reads = new NaiveSelection(layer.naive(), layer.grid, 2).permuted(rule).reads();
      assertThat(reads).anyMatch(read -> read.weight() > 1);
      for (int query = 0; query < 150; query++) {
        double[] weights = new double[150];
        for (var read : reads) {
          for (int[] keys : read.keyTiles()) {
            for (int key : keys) {
              int row = query;
              boolean isRead = Arrays.stream(read.queries()).anyMatch(each -> each == row);
              if (isRead && key <= query) {
                weights[key] += read.weight() * Math.exp(layer.naive().score(2, query, key));
              }
            }
          }
        }
        double sum = Arrays.stream(weights).sum();
        double[] expected =
            layer.naive().output(2, Arrays.stream(weights).map(each -> each / sum).toArray());
        for (int d = 0; d < expected.length; d++) {
          assertThat((double) o.data()[o.at(query) + 2 * 16 + d])
              .isCloseTo(expected[d], within(2e-5));
        }
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
      RandomLayer layer, Activations o, int head, int query, Pattern pattern, BitSet keys) {
    NaiveAttention naive = layer.naive();
    double[] expected = naive.output(head, naive.weights(head, query, keys));
    int at = o.at(query) + head * expected.length;
    for (int d = 0; d < expected.length; d++) {
      assertThat((double) o.data()[at + d])
          .as("%s head %d query %d element %d", pattern.label(), head, query, d)
          .isCloseTo(expected[d], within(2e-5));
    }
  }
}
