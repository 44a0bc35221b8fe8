package io.sparseplan.profiler.traits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.profile.InductionScores;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.RandomCheckpoint;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.NaiveAttention;
import io.sparseplan.profiler.llama.LlamaModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InductionProbeTest {
  private static final TileSize TILE = new TileSize(16);

  @TempDir Path directory;

  @Test
  void differentTokensAreRepeatedFourTimesAfterOneMore() throws IOException {
    try (Workers workers = new Workers(1)) {
      int[] ids = InductionProbe.ids(model(workers).geometry());
      // A context of 64 has room for 15 tokens four times, and one.
      assertThat(ids).hasSize(61);
      assertThat(Arrays.stream(ids, 0, 16)).doesNotHaveDuplicates();
      assertThat(Arrays.stream(ids)).allMatch(id -> id >= 13 && id < 39);
      for (int n = 16; n < ids.length; n++) {
        assertThat(ids[n]).isEqualTo(ids[n - 15]);
      }
    }
  }

  @Test
  void scoresAreTheWeightsOnEarlierOccurrencesAndOnWhatFollowedThem() throws IOException {
    try (Workers workers = new Workers(2)) {
      LlamaModel model = model(workers);
      InductionScores found = InductionProbe.scores(model, TILE);
      ModelGeometry geometry = model.geometry();
      int[] ids = InductionProbe.ids(geometry);
      AttentionShape shape = geometry.attention();
      TileGrid grid = TileGrid.causal(Tokens.of(ids.length), TILE);
      double[] echo = new double[geometry.headCount()];
      double[] induction = new double[geometry.headCount()];
      model.forward(
          ids,
          AttentionTiles.dense(grid),
          new BitSet(),
          layer -> {
            var naive = new NaiveAttention(shape, geometry.rope(), layer.q(), layer.k(), layer.v());
            for (int head = 0; head < shape.queryHeads().count(); head++) {
              int place = layer.layer() * shape.queryHeads().count() + head;
              for (int query = 16; query < ids.length; query++) {
                double[] weights = naive.weights(head, query, new Dense(), grid);
                for (int key = 0; key < query; key++) {
                  if (ids[key] == ids[query]) {
                    echo[place] += weights[key] / 45;
                    induction[place] += weights[key + 1] / 45;
                  }
                }
              }
            }
          });
      assertThat(found.repeatedTokens()).isEqualTo(15);
      assertThat(found.echo()).hasSize(12);
      for (int place = 0; place < 12; place++) {
        assertThat(found.echo(place)).isCloseTo(echo[place], within(1e-5));
        assertThat(found.induction(place)).isCloseTo(induction[place], within(1e-5));
      }
    }
  }

  @Test
  void aModelThatRetrievesHasInductionHeads() {
    try (Workers workers = new Workers(2)) {
      LlamaModel model = ShippedModel.LLAMA_1M.load(workers);
      InductionScores scores = InductionProbe.scores(model, TileSize.DEFAULT);
      assertThat(scores.repeatedTokens()).isEqualTo(500);
      float largest = Collections.max(scores.induction());
      // An even spread over all earlier tokens would give 0.002.
      assertThat(largest).isGreaterThan(0.1f);
    }
  }

  private LlamaModel model(Workers workers) throws IOException {
    RandomCheckpoint.write(directory, true);
    return ModelDirectory.open(directory).load(workers).model();
  }
}
