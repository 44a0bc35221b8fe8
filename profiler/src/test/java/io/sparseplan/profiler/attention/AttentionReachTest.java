package io.sparseplan.profiler.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sliding windows, to the token, under patterns that are rounded to tiles. */
final class AttentionReachTest {
  private static final List<FixedPattern> PATTERNS =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(0), Tokens.of(1), 0),
          new ElasticSpan(Tokens.of(20), Tokens.of(20), 0),
          new ElasticSpan(Tokens.of(40), Tokens.of(0), 0.5));

  @ParameterizedTest
  @CsvSource({
    "1, 16, 1",
    "33, 16, 1",
    "33, 16, 2",
    "100, 16, 15",
    "100, 16, 16",
    "100, 16, 17",
    "100, 7, 40",
    "130, 64, 3",
    "130, 64, 129",
    "130, 200, 50",
    "50, 16, 51",
    "50, 16, 2147483647"
  })
  void aQuerySeesWhatItsPatternAndTheWindowBothShow(int tokens, int tile, int window) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(tokens, tile, 10, workers);
      var reach = new AttentionReach.SlidingWindow(Tokens.of(window));
      layer.keyValues.pack(layer.k, layer.v, layer.rotary, reach, workers);
      var naive = new NaiveAttention(layer.shape, layer.rope, reach, layer.q, layer.k, layer.v);
      for (FixedPattern pattern : PATTERNS) {
        var output = new AttentionOutput(layer.shape, new TokenRows(tokens));
        new BlockSparseAttention(
                AttentionTiles.uniform(HeadPatterns.both(pattern), layer.grid),
                new BitSet(),
                layer.rotary,
                layer.keyValues,
                workers)
            .run(0, layer.q, output, workers);
        Activations o = output.o();
        for (int query = 0; query < tokens; query++) {
          double[] weights = naive.weights(3, query, pattern, layer.grid);
          assertThat(weights[query]).isPositive();
          double[] expected = naive.output(3, weights);
          for (int d = 0; d < expected.length; d++) {
            assertThat((double) o.data()[o.at(query) + 3 * expected.length + d])
                .as("%s query %d element %d", pattern.label(), query, d)
                .isCloseTo(expected[d], within(2e-5));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 16, 1", "100, 16, 17", "100, 7, 40", "50, 16, 51"})
  void aTileIsHiddenWhenNoQueryOfTheOtherSeesAKeyOfIt(int tokens, int tile, int window) {
    try (Workers workers = new Workers(1)) {
      var layer = new RandomLayer(tokens, tile, 2, workers);
      var reach = new AttentionReach.SlidingWindow(Tokens.of(window));
      layer.keyValues.pack(layer.k, layer.v, layer.rotary, reach, workers);
      for (int queryTile = 0; queryTile < layer.grid.tiles(); queryTile++) {
        for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
          boolean seen = false;
          for (int query = layer.grid.firstToken(queryTile);
              query < layer.grid.endToken(queryTile);
              query++) {
            for (int key = layer.grid.firstToken(keyTile);
                key < layer.grid.endToken(keyTile);
                key++) {
              seen |= key <= query && key > query - window;
            }
          }
          assertThat(layer.keyValues.hides(keyTile, queryTile)).isEqualTo(!seen);
        }
      }
    }
  }
}
