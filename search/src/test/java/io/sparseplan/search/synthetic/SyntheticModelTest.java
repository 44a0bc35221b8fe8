package io.sparseplan.search.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SyntheticModelTest {
  private static final List<Tokens> LENGTHS = List.of(Tokens.of(1024), Tokens.of(3000));

  private static SyntheticModel model(int layers, int heads, int candidates, long seed) {
    return SyntheticModel.of(
        new LayerCount(layers), new QueryHeads(heads), candidates, LENGTHS, seed);
  }

  @Test
  void theSameSeedGivesTheSameLossesAndAnotherSeedOthers() {
    assertThat(model(3, 4, 20, 7).losses()).isDeepEqualTo(model(3, 4, 20, 7).losses());
    assertThat(model(3, 4, 20, 7).losses()[0][0]).isNotEqualTo(model(3, 4, 20, 8).losses()[0][0]);
  }

  @Test
  void aCandidateNeverLosesMoreThanOneWithPartOfItsTiles() {
    SyntheticModel model = model(2, 3, SyntheticModel.MOST_CANDIDATES, 3);
    double[][][] losses = model.losses();
    int compared = 0;
    for (int n = 0; n < 2; n++) {
      var grid = TileGrid.causal(LENGTHS.get(n), TileSize.DEFAULT);
      List<TileLists> tiles =
          model.candidates().stream().map(each -> FixedPattern.of(each).on(grid)).toList();
      for (int whole = 0; whole < tiles.size(); whole++) {
        for (int part = 0; part < tiles.size(); part++) {
          if (holds(tiles.get(whole), tiles.get(part))) {
            for (double[] ofHead : losses[n]) {
              assertThat(ofHead[whole]).isLessThanOrEqualTo(ofHead[part]);
              compared++;
            }
          }
        }
      }
      for (double[] ofHead : losses[n]) {
        assertThat(ofHead[0]).isZero();
        assertThat(ofHead[1]).isPositive();
      }
    }
    assertThat(compared).isGreaterThan(5000);
  }

  private static boolean holds(TileLists whole, TileLists part) {
    return IntStream.range(0, part.grid().tiles())
        .allMatch(
            query ->
                IntStream.range(0, part.count(query))
                    .allMatch(nth -> whole.visits(query, part.keyTile(query, nth))));
  }

  @Test
  void itsLossesAreDistributedLikeThoseItIsFittedTo() {
    LossCurves curves = LossCurves.llama16m();
    SyntheticModel model = model(60, 20, 12, 5);
    var grid = TileGrid.causal(LENGTHS.get(1), TileSize.DEFAULT);
    double[][] losses = model.losses()[1];
    for (int candidate : new int[] {1, 2, 4, 6}) {
      var span = (ElasticSpan) model.candidates().get(candidate);
      double expected = SpanFeatures.dot(SpanFeatures.of(span, grid), curves.mean());
      int at = candidate;
      double mean =
          IntStream.range(0, losses.length)
              .mapToDouble(h -> Math.log(losses[h][at]))
              .average()
              .orElseThrow();
      // Twice the error of the mean of 60 layers, and what the caps by narrower windows take off.
      assertThat(mean).isCloseTo(expected, within(0.9));
    }
  }

  @Test
  void asksForNoMoreCandidatesThanItKnows() {
    assertThatThrownBy(() -> model(1, 1, SyntheticModel.MOST_CANDIDATES + 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be 1..65");
  }
}
