package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.TriShape;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadPatterns;
import io.sparseplan.profiler.attention.RandomLayer;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Changes of a sparse layer against the layer run again with each candidate. */
final class ChangeScorerTest {
  private static final List<Pattern> CANDIDATES =
      List.of(
          new Dense(),
          span(0, 16),
          span(16, 40),
          new TriShape(Tokens.of(16), Tokens.of(16), 0, Tokens.of(1)),
          new Skip(),
          new VerticalSlash(8, 16),
          new BlockTopK(Tokens.of(40), 0));

  /** One is no candidate. */
  private static final List<Pattern> RAN =
      List.of(span(16, 40), new Dense(), span(16, 7), new BlockTopK(Tokens.of(40), 0));

  private static ElasticSpan span(int sink, int window) {
    return new ElasticSpan(Tokens.of(sink), Tokens.of(window), 0);
  }

  @Test
  void patternsThatLayTokensOutAnewAreRefused() {
    TileGrid grid = TileGrid.causal(Tokens.of(50), new TileSize(16));
    var buckets = new HashBuckets(3, Tokens.of(8), Tokens.of(0), Tokens.of(16), 0);
    try (Workers workers = new Workers(1)) {
      var layer = new RandomLayer(grid, 8, workers);
      AttentionTiles dense = AttentionTiles.dense(grid);
      assertThatThrownBy(
              () -> new ChangeScorer(List.of(new Dense(), buckets), dense, layer.shape, workers))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("leave --refine out");
      AttentionTiles ran = AttentionTiles.uniform(HeadPatterns.both(buckets), grid);
      LayerAttention seen = layer.running(ran, workers);
      assertThatThrownBy(
              () ->
                  new ChangeScorer(CANDIDATES, ran, layer.shape, workers)
                      .score(seen, layer.gradient()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("The pattern lsh3:8+0/16 lays tokens out anew");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 8", "50, 16, 32", "170, 16, 10", "100, 7, 18"})
  void everyCandidateIsComparedWithWhatTheLayerRan(int tokens, int tile, int headDim) {
    TileGrid grid = TileGrid.causal(Tokens.of(tokens), new TileSize(tile));
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(grid, headDim, workers);
      AttentionTiles ran =
          AttentionTiles.everyLayer(RAN.stream().map(HeadPatterns::both).toList(), grid);
      LayerAttention seen = layer.running(ran, workers);
      Activations gradient = layer.gradient();
      List<HeadChanges> found =
          new ChangeScorer(CANDIDATES, ran, layer.shape, workers).score(seen, gradient);
      assertThat(found).hasSize(RAN.size());
      for (int candidate = 0; candidate < CANDIDATES.size(); candidate++) {
        Activations changed =
            layer.attend(
                AttentionTiles.uniform(HeadPatterns.both(CANDIDATES.get(candidate)), grid),
                new BitSet(),
                workers);
        for (int head = 0; head < RAN.size(); head++) {
          double signed = 0;
          double squared = 0;
          double scale = 1e-9;
          for (int token = 0; token < tokens; token++) {
            double ofRow = 0;
            for (int d = head * headDim; d < (head + 1) * headDim; d++) {
              double difference =
                  changed.data()[changed.at(token) + d]
                      - seen.output().o().data()[seen.output().o().at(token) + d];
              ofRow += gradient.data()[gradient.at(token) + d] * difference;
            }
            signed += ofRow;
            squared += ofRow * ofRow;
            scale += Math.abs(ofRow);
          }
          assertThat(found.get(head).signed()[candidate])
              .as("signed change of %s", CANDIDATES.get(candidate).label())
              .isCloseTo(signed, within(1e-4 * (1 + scale)));
          assertThat(found.get(head).squared()[candidate])
              .as("squared change of %s", CANDIDATES.get(candidate).label())
              .isCloseTo(squared, within(1e-4 * (1 + squared)));
        }
      }
      assertThat(found.get(0).signed()[2]).isZero();
      assertThat(found.get(1).signed()[0]).isZero();
      assertThat(found.get(3).squared()[6]).isZero();
    }
  }
}
