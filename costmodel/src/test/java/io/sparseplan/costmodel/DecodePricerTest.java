package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.decode.DecodeRow;
import io.sparseplan.costmodel.decode.DecodeRows;
import io.sparseplan.costmodel.decode.SplitKvLaunch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.Batch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.ChunkTiles;
import io.sparseplan.costmodel.decode.SplitKvShape;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Workload;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodePricerTest {
  private static final SplitKvTable TABLE = SplitKvTable.shipped("h100-split-decode");
  private static final AttentionReach EVERYTHING = new AttentionReach.Everything();
  private static final List<FixedPattern> CANDIDATES =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(100), Tokens.of(900), 0),
          new ElasticSpan(Tokens.of(1200), Tokens.of(50), 0),
          new ElasticSpan(Tokens.of(0), Tokens.of(1), 0.25),
          new Skip());

  private static DecodePricer pricer(
      int queryHeads, int kvHeads, int headDim, int batch, AttentionReach reach, int... lengths) {
    return new DecodePricer(
        TABLE,
        new AttentionShape(new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(headDim)),
        reach,
        new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
        new Workload(
            Phase.DECODE,
            batch,
            IntStream.of(lengths).mapToObj(n -> new Workload.Entry(Tokens.of(n), 1)).toList()),
        List.copyOf(CANDIDATES));
  }

  /**
   * Keys in whole tiles of so many tokens that one of these candidates reads with the last query.
   */
  private static BitSet keys(int[] candidates, int length, int tile) {
    var grid = TileGrid.causal(Tokens.of(length), TileSize.DEFAULT);
    var keys = new BitSet();
    for (int candidate : candidates) {
      for (int keyTile : CANDIDATES.get(candidate).keyTiles(grid, grid.tiles() - 1)) {
        for (int key = grid.firstToken(keyTile); key < grid.endToken(keyTile); key++) {
          keys.set(key / tile * tile, Math.min(length, (key / tile + 1) * tile));
        }
      }
    }
    return keys;
  }

  @ParameterizedTest
  @CsvSource({"4096, 1, 64, 12, 4, 128", "5000, 3, 128, 8, 2, 64", "4097, 16, 128, 8, 2, 64"})
  void aLayerIsItsKvHeadsInTheChunksThatEndSoonest(
      int length, int batch, int headDim, int queryHeads, int kvHeads, int kernelTile) {
    int group = queryHeads / kvHeads;
    int[] choice = IntStream.range(0, queryHeads).map(head -> (head * 7 / 3) % 4).toArray();
    List<Integer> tiles =
        IntStream.range(0, kvHeads)
            .mapToObj(
                kv -> {
                  int[] ofGroup =
                      IntStream.range(kv * group, (kv + 1) * group).map(h -> choice[h]).toArray();
                  return Math.ceilDiv(keys(ofGroup, length, kernelTile).cardinality(), kernelTile);
                })
            .toList();
    double least = Double.POSITIVE_INFINITY;
    for (int chunk : new int[] {4, 8, 16, 32, 64}) {
      var launch =
          new SplitKvLaunch(
              new SplitKvShape(new HeadDim(headDim), group, new TileSize(kernelTile)),
              new Batch(batch),
              tiles,
              new ChunkTiles(chunk));
      least = Math.min(least, TABLE.micros(launch).orElseThrow());
    }
    DecodePricer pricer = pricer(queryHeads, kvHeads, headDim, batch, EVERYTHING, length);
    assertThat(pricer.layerMicros(0, choice)).isEqualTo(least);
    assertThat(pricer.warnings()).isEmpty();
  }

  @Test
  void aCacheHoldsWhatSomeHeadOfItsGroupReads() {
    DecodePricer pricer = pricer(6, 2, 64, 1, EVERYTHING, 5000);
    int[] choice = {1, 2, 1, 3, 3, 3};
    assertThat(pricer.keptTokens(0, choice))
        .containsExactly(
            keys(new int[] {1, 2}, 5000, 128).cardinality(),
            keys(new int[] {3}, 5000, 128).cardinality());
    assertThat(pricer.keptTokens(0, new int[6])).containsExactly(5000, 5000);
    assertThat(pricer.denseTokens(0)).isEqualTo(5000);
  }

  @Test
  void aSlidingWindowBoundsTheCacheAndWhatDenseCosts() {
    var window = new AttentionReach.SlidingWindow(Tokens.of(1000));
    DecodePricer pricer = pricer(6, 2, 64, 1, window, 5000, 8192);
    // The last query of 5000 sees keys 4000 to 4999: tile 31 starts at 3968.
    assertThat(pricer.denseTokens(0)).isEqualTo(5000 - 3968);
    assertThat(pricer.keptTokens(0, new int[] {2, 2, 2, 1, 1, 1}))
        .as("the sink is out of reach; windows of 1 and 8 tiles end with the 8 tokens of tile 39")
        .containsExactly(8, 7 * 128 + 8);
    assertThat(pricer.denseLayerMicros(1))
        .isLessThan(pricer(6, 2, 64, 1, EVERYTHING, 8192).denseLayerMicros(0));
  }

  @Test
  void aHeadThatIsSkippedReadsNothing() {
    DecodePricer pricer = pricer(8, 2, 128, 4, EVERYTHING, 16384);
    int[] halfSkipped = {4, 4, 4, 4, 0, 0, 0, 0};
    assertThat(pricer.keptTokens(0, halfSkipped)).containsExactly(0, 16384);
    assertThat(pricer.layerMicros(0, halfSkipped))
        .isPositive()
        .isLessThan(pricer.denseLayerMicros(0));
    assertThat(pricer.layerMicros(0, new int[] {4, 4, 4, 4, 4, 4, 4, 4})).isZero();
  }

  @Test
  void aPatternThatPicksItsTilesAtRunTimeHasNoDecodePrice() {
    assertThatThrownBy(
            () ->
                new DecodePricer(
                    TABLE,
                    shape(128, 4),
                    EVERYTHING,
                    new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
                    new Workload(Phase.DECODE, 1, List.of(new Workload.Entry(Tokens.of(4096), 1))),
                    List.of(new BlockTopK(Tokens.of(1024), 0))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("picks its tiles");
  }

  @Test
  void denseIsEveryHeadDense() {
    DecodePricer pricer = pricer(8, 2, 128, 4, EVERYTHING, 16384);
    assertThat(pricer.denseLayerMicros(0)).isEqualTo(pricer.layerMicros(0, new int[8]));
    assertThat(pricer.layerMicros(0, new int[] {1, 1, 1, 1, 1, 1, 1, 1}))
        .isLessThan(pricer.denseLayerMicros(0) / 2);
  }

  /** Measured steps of dense heads, in the chunks that the pricer would choose among. */
  @Test
  void denseStepsAreCloseToTheirMeasurements() {
    int compared = 0;
    for (DecodeRow row : DecodeRows.read(Measurements.file("h100-split-decode"))) {
      SplitKvLaunch launch = row.launch();
      int tiles = Math.ceilDiv(row.keyLength().count(), launch.shape().tile().tokens());
      int kvHeads = launch.visitedTiles().size();
      if (launch.visitedTiles().equals(Collections.nCopies(kvHeads, tiles))) {
        DecodePricer pricer =
            pricer(
                kvHeads * launch.shape().queryHeadsOfKvHead(),
                kvHeads,
                launch.shape().headDim().count(),
                launch.batch().sequences(),
                EVERYTHING,
                row.keyLength().count());
        double measured = 1000 * row.measuredMillis().orElseThrow();
        assertThat(pricer.denseLayerMicros(0)).isLessThan(1.1 * measured);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(10);
  }

  @Test
  void whatWasNotMeasuredSaysSo() {
    assertThat(pricer(8, 2, 128, 4, EVERYTHING, 16384).warnings()).isEmpty();
    assertThat(pricer(10, 2, 96, 4, EVERYTHING, 16384).warnings())
        .singleElement()
        .asString()
        .contains("head_dim 96 with 5 query heads");
    assertThat(pricer(8, 2, 128, 512, EVERYTHING, 1000, 16384).warnings())
        .satisfiesExactly(
            lengths -> assertThat(lengths).contains("Length 1000 is outside"),
            batch -> assertThat(batch).contains("Batch 512 is outside"));
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 96, 256})
  void aTileOfAnotherHeadDimTakesTimeByItsBytes(int headDim) {
    double known = TABLE.priceFor(shape(128, 4)).kernel().tileMicros();
    var priced = TABLE.priceFor(shape(headDim, 4));
    assertThat(priced.kernel().shape().headDim().count()).isEqualTo(headDim);
    if (headDim == 256 || headDim == 96) {
      assertThat(priced.warning()).isPresent();
      assertThat(priced.kernel().tileMicros()).isCloseTo(known * headDim / 128, within(1e-12));
    } else {
      assertThat(priced.warning()).isEmpty();
    }
  }

  private static AttentionShape shape(int headDim, int group) {
    return new AttentionShape(new QueryHeads(group), new KvHeads(1), new HeadDim(headDim));
  }

  @Test
  void aPrefillOrABidirectionalLayoutIsRefused() {
    var layout = new Layout(Visibility.BIDIRECTIONAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT);
    var decode = new Workload(Phase.DECODE, 1, List.of(new Workload.Entry(Tokens.of(4096), 1)));
    assertThatThrownBy(
            () ->
                new DecodePricer(
                    TABLE, shape(128, 4), EVERYTHING, layout, decode, List.copyOf(CANDIDATES)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bidirectional");
    assertThatThrownBy(
            () ->
                new DecodePricer(
                    TABLE,
                    shape(128, 4),
                    EVERYTHING,
                    new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
                    Workload.prefill(1, List.of(Tokens.of(4096))),
                    List.copyOf(CANDIDATES)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PREFILL");
  }
}
