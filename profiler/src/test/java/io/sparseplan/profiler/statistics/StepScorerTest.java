package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.StepTokens;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.DecodeHead;
import io.sparseplan.profiler.attention.DecodeRowsTest;
import io.sparseplan.profiler.attention.EarlierChoices;
import io.sparseplan.profiler.attention.NaiveAttention;
import io.sparseplan.profiler.attention.NaiveDecode;
import io.sparseplan.profiler.attention.RandomLayer;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rules of decoding do to rows of answers, against a recomputation from the definitions. */
final class StepScorerTest {
  private static final List<Pattern> CANDIDATES = new ArrayList<>(DecodeRowsTest.RULES);

  static {
    CANDIDATES.addFirst(new Dense());
  }

  @ParameterizedTest
  @CsvSource({"2, 16, 4, 1, 2", "40, 16, 8, 0, 2", "100, 7, 10, 71, 90", "75, 32, 18, 60, 63"})
  void statisticsAreThoseOfTheDefinition(int tokens, int tile, int headDim, int first, int end) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(tokens, tile, headDim, workers);
      var answers = new BitSet();
      answers.set(first, end);
      answers.set(tokens - 1);
      List<DecodeStep> steps = DecodeStep.of(answers);
      Activations earlierQueries = layer.gradient();
      var choices = new EarlierChoices(DecodeRowsTest.RULES);
      var earlier = new DecodeHead(layer.keyValues, layer.rotary);
      for (int head = 0; head < 4; head++) {
        earlier.load(earlierQueries, head);
        choices.choose(0, head, earlier, steps);
      }
      LayerAttention ran = layer.dense(workers);
      var dense =
          new LayerAttention(
              1, ran.q(), ran.k(), ran.v(), ran.keyValues(), ran.rotary(), ran.output());
      RandomLayer.Backward backward = layer.backward(dense, workers);
      List<HeadStatistics> scored =
          new LayerScorer(
                  CANDIDATES,
                  new StepScorer(CANDIDATES, steps, choices),
                  layer.grid,
                  layer.shape,
                  workers)
              .score(dense, backward.outputGradient(), backward.blocks());
      var choosing = new NaiveAttention(layer.shape, layer.rope, earlierQueries, layer.k, layer.v);
      for (int head = 0; head < 4; head++) {
        var decode = new NaiveDecode(layer.naive(), layer.grid, head);
        for (int candidate = 0; candidate < CANDIDATES.size(); candidate++) {
          assertCandidate(
              layer,
              decode,
              choosing,
              head,
              candidate,
              steps,
              backward.outputGradient(),
              scored.get(head));
        }
      }
    }
  }

  private static void assertCandidate(
      RandomLayer layer,
      NaiveDecode decode,
      NaiveAttention choosing,
      int head,
      int candidate,
      List<DecodeStep> steps,
      Activations gradient,
      HeadStatistics found) {
    NaiveAttention naive = layer.naive();
    int tokens = layer.grid.length().count();
    double[] recall = new double[tokens];
    Arrays.fill(recall, 1);
    double error = 0;
    double squaredNorm = 0;
    double absolute = 0;
    double squared = 0;
    double signed = 0;
    double influence = 0;
    for (int query = 0; query < tokens; query++) {
      double[] weights = naive.weights(head, query, new Dense(), layer.grid);
      double[] output = naive.output(head, weights);
      squaredNorm += Arrays.stream(output).map(x -> x * x).sum();
      int row = query;
      DecodeStep step = steps.stream().filter(each -> each.query() == row).findFirst().orElse(null);
      if (step != null && CANDIDATES.get(candidate) instanceof DecodePattern rule) {
        StepTokens read = decode.tokens(rule, step, choosing);
        double[] sparse = decode.output(step, read);
        double[] g = naive.weightGradients(head, query, gradient);
        double mean = 0;
        recall[query] = 0;
        for (int key = 0; key <= query; key++) {
          recall[query] += read.read().get(key) ? weights[key] : 0;
          mean += weights[key] * g[key];
        }
        for (int key = 0; key <= query; key++) {
          influence +=
              read.read().get(key)
                  ? 0
                  : Math.abs(weights[key] * (g[key] - mean) / (1 - weights[key]));
        }
        for (int d = 0; d < output.length; d++) {
          error += Math.pow(sparse[d] - output[d], 2);
        }
        double change = naive.dotWithGradient(head, query, gradient, sparse, output);
        absolute += Math.abs(change);
        squared += change * change;
        signed += change;
      }
    }
    String name = CANDIDATES.get(candidate).label();
    assertClose(name, found.recall()[candidate], Arrays.stream(recall).average().orElseThrow(), 1);
    Arrays.sort(recall);
    assertThat((double) found.worstDecileRecall()[candidate])
        .as(name)
        .isCloseTo(recall[Math.ceilDiv(tokens, 10) - 1], within(1.0 / 256 + 1e-5));
    assertClose(name, found.outputError()[candidate], error / squaredNorm, error / squaredNorm);
    assertClose(name, found.firstOrder().absolute()[candidate], absolute, absolute);
    assertClose(name, found.firstOrder().rowRms()[candidate], Math.sqrt(squared), absolute);
    assertClose(name, found.firstOrder().signed()[candidate], signed, absolute);
    assertClose(name, found.droppedInfluence()[candidate], influence, influence);
  }

  private static void assertClose(String name, float found, double expected, double scale) {
    assertThat((double) found).as(name).isCloseTo(expected, within(1e-5 * Math.max(scale, 1)));
  }

  @Test
  void candidatesOfDecodingNeedAnswers() {
    try (Workers workers = new Workers(1)) {
      var layer = new RandomLayer(20, 16, 4, workers);
      assertThatThrownBy(() -> new LayerScorer(CANDIDATES, layer.grid, layer.shape, workers))
          .hasMessageContaining("The candidate page8/4:16@1 is scored on the tokens of answers")
          .hasMessageContaining("Maybe");
    }
  }
}
