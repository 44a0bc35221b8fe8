package io.sparseplan.profiler.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of answers that read tokens, against definitions, for lengths and tiles that do not fit. */
public final class DecodeRowsTest {
  /** For head_dim 4 or more. */
  public static final List<DecodePattern> RULES =
      List.of(
          new PageTopK(Tokens.of(8), Tokens.of(4), Tokens.of(16), 1),
          new PageTopK(Tokens.of(6), Tokens.of(6), Tokens.of(6), 3),
          new HeavyChannels(List.of(2, 0), Tokens.of(7)),
          new KvBudget(Tokens.of(12), Tokens.of(5), Tokens.of(3), KvBudget.Pooling.AVERAGE),
          new KvBudget(Tokens.of(20), Tokens.of(1), Tokens.of(5), KvBudget.Pooling.MAXIMUM),
          new CompensatedBuffer(Tokens.of(3), Tokens.of(10), 0),
          new CompensatedBuffer(Tokens.of(0), Tokens.of(1), 0.25),
          new TokensOfLayer(new LayerIndex(0), Tokens.of(9)));

  @ParameterizedTest
  @CsvSource({
    "2, 16, 4, 1, 2, 1000",
    "17, 16, 4, 0, 3, 1000",
    "33, 16, 64, 20, 33, 1000",
    "100, 7, 10, 71, 90, 1000",
    "130, 64, 18, 128, 130, 1000",
    "90, 16, 32, 40, 58, 33"
  })
  void aRowIsAttentionOverWhatItsRuleReads(
      int tokens, int tile, int headDim, int first, int end, int window) {
    try (Workers workers = new Workers(2)) {
      var layer =
          new RandomLayer(
              TileGrid.causal(Tokens.of(tokens), new TileSize(tile)),
              headDim,
              new AttentionReach.SlidingWindow(Tokens.of(window)),
              workers);
      var answers = new BitSet();
      answers.set(first, end);
      answers.set(tokens - 1);
      List<NaiveDecode> naive =
          IntStream.range(0, 4)
              .mapToObj(head -> new NaiveDecode(layer.naive(), layer.grid, head))
              .toList();
      Activations dense = layer.attend(AttentionTiles.dense(layer.grid), answers, workers);
      for (DecodePattern rule : RULES) {
        Activations o =
            layer.attend(
                AttentionTiles.uniform(HeadPatterns.both(rule), layer.grid), answers, workers);
        for (int head = 0; head < 4; head++) {
          for (DecodeStep step : DecodeStep.of(answers)) {
            NaiveDecode of = naive.get(head);
            assertRow(o, head, step.query(), rule, of.output(step, of.tokens(rule, step)));
          }
        }
        for (int query = answers.nextClearBit(0);
            query < tokens;
            query = answers.nextClearBit(query + 1)) {
          int width = layer.shape.queryWidth();
          assertThat(Arrays.copyOfRange(o.data(), o.at(query), o.at(query) + width))
              .as("%s query %d, of the prompt", rule.label(), query)
              .isEqualTo(
                  Arrays.copyOfRange(dense.data(), dense.at(query), dense.at(query) + width));
        }
      }
    }
  }

  @Test
  void aLaterLayerReadsWhatTheSameHeadOfAnEarlierOneChose() {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(70, 16, 8, workers);
      var rule = new TokensOfLayer(new LayerIndex(1), Tokens.of(6));
      var answers = new BitSet();
      answers.set(50, 58);
      var attention =
          new BlockSparseAttention(
              AttentionTiles.everyLayer(
                  List.of(
                      HeadPatterns.both(rule),
                      HeadPatterns.both(new Dense()),
                      new HeadPatterns(new ElasticSpan(Tokens.of(0), Tokens.of(1), 0), rule),
                      HeadPatterns.both(rule)),
                  layer.grid),
              answers,
              layer.rotary,
              layer.keyValues,
              workers);
      Activations otherQueries = layer.gradient();
      var other = new NaiveAttention(layer.shape, layer.rope, otherQueries, layer.k, layer.v);
      var output = new AttentionOutput(layer.shape, new TokenRows(70));
      attention.run(0, layer.q, output, workers);
      attention.run(1, otherQueries, output, workers);
      for (DecodeStep step : DecodeStep.of(answers)) {
        var chooses = new NaiveDecode(other, layer.grid, 3);
        assertRow(
            output.o(), 3, step.query(), rule, chooses.output(step, chooses.tokens(rule, step)));
      }
      attention.run(2, layer.q, output, workers);
      for (int head : new int[] {0, 2, 3}) {
        var reads = new NaiveDecode(layer.naive(), layer.grid, head);
        for (DecodeStep step : DecodeStep.of(answers)) {
          assertThat(reads.tokens(rule, step, other).read().cardinality()).isEqualTo(6);
          assertRow(
              output.o(),
              head,
              step.query(),
              rule,
              reads.output(step, reads.tokens(rule, step, other)));
        }
      }
    }
  }

  @Test
  void aChannelThatTheHeadHasNotIsRefused() {
    try (Workers workers = new Workers(1)) {
      var layer = new RandomLayer(20, 16, 4, workers);
      Pattern rule = new HeavyChannels(List.of(0, 4), Tokens.of(3));
      var answers = new BitSet();
      answers.set(19);
      assertThatThrownBy(
              () ->
                  layer.attend(
                      AttentionTiles.uniform(HeadPatterns.both(rule), layer.grid),
                      answers,
                      workers))
          .hasMessageContaining("names the channel 4; a head has 4 channels, from 0 on")
          .hasMessageContaining("Maybe");
    }
  }

  private static void assertRow(
      Activations o, int head, int query, Pattern pattern, double[] expected) {
    int at = o.at(query) + head * expected.length;
    for (int d = 0; d < expected.length; d++) {
      assertThat((double) o.data()[at + d])
          .as("%s head %d query %d element %d", pattern.label(), head, query, d)
          .isCloseTo(expected[d], within(2e-5));
    }
  }
}
