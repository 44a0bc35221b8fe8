package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionPricerTest {
  private static final List<Pattern> CANDIDATES =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(128), Tokens.of(256), 0),
          new ElasticSpan(Tokens.of(0), Tokens.of(1), 0),
          new ElasticSpan(Tokens.of(300), Tokens.of(128), 0.25));
  private static final List<Tokens> LENGTHS =
      List.of(Tokens.of(100), Tokens.of(2048), Tokens.of(5000));
  private static final int DENSE = 0;

  @ParameterizedTest
  @CsvSource({"128, 128, 1", "64, 128, 1", "64, 128, 5", "128, 64, 3"})
  void aLayerIsItsBlocksInLaunchOrderOnTheReferenceSimulator(int headDim, int tile, int batch) {
    for (Visibility visibility : Visibility.values()) {
      AttentionPricer pricer = pricer(headDim, tile, visibility, batch, 7);
      KernelConstants constants =
          table()
              .priceFor(new HeadDim(headDim), new TileSize(tile), visibility)
              .shape()
              .constants()
              .reading(
                  LaunchTensors.of(shape(headDim, 7), LENGTHS.get(1), batch),
                  table().cacheMegabytes());
      int[] candidateOfHead = {0, 1, 2, 3, 1, 0, 2};
      var grid = new TileGrid(LENGTHS.get(1), new TileSize(tile), visibility);
      long[] blocks =
          Arrays.stream(candidateOfHead)
              .boxed()
              .flatMapToLong(
                  candidate ->
                      IntStream.range(0, batch)
                          .boxed()
                          .flatMapToLong(
                              prompt -> Arrays.stream(blocks(candidate, grid, constants))))
              .toArray();
      BlockJitter jitter = BlockJitter.of(constants.occupancy(), blocks.length);
      double expected =
          constants.launchMicros()
              + IntStream.range(0, jitter.runs())
                      .mapToDouble(
                          run ->
                              ReferenceSimulator.makespanTicks(
                                  constants, jitter.ticks(blocks, run, 0)))
                      .average()
                      .orElseThrow()
                  / TileSimulator.TICKS_PER_MICRO;
      assertThat(pricer.layerMicros(1, candidateOfHead))
          .isCloseTo(expected, within(1e-6 + 1e-12 * expected));
    }
  }

  private static long[] blocks(int candidate, TileGrid grid, KernelConstants constants) {
    var tiles = FixedPattern.of(CANDIDATES.get(candidate)).on(grid);
    return IntStream.range(0, grid.tiles())
        .mapToLong(
            queryTile ->
                TileSimulator.ticks(constants.blockMicros())
                    + tiles.count(queryTile) * TileSimulator.ticks(constants.tileMicros())
                    + partials(tiles, queryTile) * TileSimulator.ticks(constants.partialMicros())
                    + (tiles.count(queryTile) > partials(tiles, queryTile)
                        ? TileSimulator.ticks(constants.fullMicros())
                        : 0))
        .toArray();
  }

  private static int partials(TileLists tiles, int queryTile) {
    return tiles.grid().visibility() == Visibility.CAUSAL && tiles.visits(queryTile, queryTile)
        ? 1
        : 0;
  }

  @ParameterizedTest
  @CsvSource({"128, 128, 1", "128, 128, 16", "64, 128, 1", "64, 128, 9", "128, 64, 2"})
  void launchAndWorkAreALowerBound(int headDim, int tile, int batch) {
    var random = new SplittableRandom(headDim + tile + batch);
    for (int heads : List.of(1, 6, 32)) {
      AttentionPricer pricer = pricer(headDim, tile, Visibility.CAUSAL, batch, heads);
      for (int length = 0; length < LENGTHS.size(); length++) {
        int at = length;
        int[] candidateOfHead =
            IntStream.range(0, heads).map(head -> random.nextInt(CANDIDATES.size())).toArray();
        double bound =
            pricer.launchMicros()
                + Arrays.stream(candidateOfHead)
                    .mapToDouble(candidate -> pricer.headWorkMicros(at, candidate))
                    .sum();
        assertThat(pricer.layerMicros(at, candidateOfHead) * (1 + 1e-12))
            .isGreaterThanOrEqualTo(bound);
      }
    }
  }

  @Test
  void theBoundIsTightWhereManyBlocksFillTheGpu() {
    AttentionPricer pricer = pricer(128, 128, Visibility.CAUSAL, 64, 32);
    double bound = pricer.launchMicros() + 32 * pricer.headWorkMicros(2, DENSE);
    assertThat(pricer.layerMicros(2, new int[32])).isLessThan(1.01 * bound);
  }

  @Test
  void aBatchOfEqualHeadsIsPricedLikeAsManyHeads() {
    assertThat(pricer(64, 128, Visibility.CAUSAL, 4, 3).layerMicros(2, new int[] {1, 1, 1}))
        .isEqualTo(pricer(64, 128, Visibility.CAUSAL, 1, 12).layerMicros(2, ones(12)));
  }

  private static int[] ones(int heads) {
    int[] ones = new int[heads];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void aSmallGridCostsItsLongestBlockSoThatOneDenseHeadSpoilsIt() {
    AttentionPricer pricer = pricer(128, 128, Visibility.CAUSAL, 1, 4);
    double dense = pricer.layerMicros(1, new int[] {0, 0, 0, 0});
    // Blocks start one after another, so of dense heads the last one ends last.
    assertThat(pricer.layerMicros(1, new int[] {2, 2, 2, 0})).isEqualTo(dense);
    assertThat(pricer.layerMicros(1, new int[] {2, 2, 2, 2})).isLessThan(dense / 2);
  }

  @Test
  void theFirstDenseTimeIsTheKernelItselfAndTheNextIsPyTorchs() {
    AttentionPricer pricer = pricer(128, 128, Visibility.CAUSAL, 2, 32);
    for (int length = 0; length < LENGTHS.size(); length++) {
      List<DenseTime> dense = pricer.denseLayer(length);
      assertThat(dense).extracting(DenseTime::kernel).hasSize(2).doesNotHaveDuplicates();
      assertThat(dense.getFirst().millis())
          .isCloseTo(pricer.layerMicros(length, new int[32]) / 1000, within(1e-12));
      assertThat(dense.getLast().kernel()).isEqualTo("sdpa");
      assertThat(dense.getLast().millis()).isPositive();
    }
  }

  @Test
  void theOtherDenseKernelIsCloseToItsMeasurement() {
    // H100, causal, 32 heads of 128 at 16384 tokens: 3.525 ms.
    AttentionPricer pricer =
        new AttentionPricer(
            table(),
            shape(128, 32),
            new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
            Workload.prefill(1, List.of(Tokens.of(16384))),
            CANDIDATES);
    assertThat(pricer.denseLayer(0).getLast().millis()).isCloseTo(3.525, withinPercentage(7));
  }

  @Test
  void densityIsThatOfThePattern() {
    AttentionPricer pricer = pricer(128, 128, Visibility.CAUSAL, 1, 4);
    var grid = TileGrid.causal(LENGTHS.get(1), TileSize.DEFAULT);
    for (int candidate = 0; candidate < CANDIDATES.size(); candidate++) {
      assertThat(pricer.density(1, candidate))
          .isEqualTo(FixedPattern.of(CANDIDATES.get(candidate)).on(grid).density());
    }
  }

  @Test
  void theIdentityNamesTheTableAndTheErrorOfTheShape() {
    DeviceIdentity identity = pricer(64, 128, Visibility.CAUSAL, 1, 4).identity();
    PricedShape priced = table().priceFor(new HeadDim(64), TileSize.DEFAULT, Visibility.CAUSAL);
    assertThat(identity.name()).isEqualTo(DeviceTable.DEFAULT);
    assertThat(identity.sha256()).isEqualTo(table().sha256());
    assertThat(identity.meanErrorPercent()).isEqualTo(priced.shape().error().meanPercent());
  }

  @Test
  void whatWasMeasuredRaisesNoWarning() {
    assertThat(warnings(128, 1, List.of(Tokens.of(2048), Tokens.of(3000)))).isEmpty();
  }

  @Test
  void whatWasNotMeasuredRaisesASentenceEach() {
    assertThat(warnings(16, 64, List.of(Tokens.of(256), Tokens.of(8192), Tokens.of(65536))))
        .hasSize(3)
        .satisfiesExactly(
            shape -> assertThat(shape).contains("head_dim 16", "head_dim 32"),
            lengths -> assertThat(lengths).contains("4096 to 8192", "256, 65536"),
            batch -> assertThat(batch).contains("batch 1, 4", "batch 64"));
  }

  private static List<String> warnings(int headDim, int batch, List<Tokens> lengths) {
    return new AttentionPricer(
            table(),
            shape(headDim, 4),
            new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
            Workload.prefill(batch, lengths),
            CANDIDATES)
        .warnings();
  }

  @Test
  void aLayerNamesACandidateForEveryHead() {
    AttentionPricer pricer = pricer(128, 128, Visibility.CAUSAL, 1, 4);
    assertThatThrownBy(() -> pricer.layerMicros(0, new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 heads")
        .hasMessageContaining("4 query heads");
  }

  @Test
  void decodeHasNoPrices() {
    var decode = new Workload(Phase.DECODE, 1, List.of(new Workload.Entry(Tokens.of(2048), 1)));
    assertThatThrownBy(
            () ->
                new AttentionPricer(
                    table(),
                    shape(128, 4),
                    new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
                    decode,
                    CANDIDATES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DECODE");
  }

  @Test
  void launchesLargerThanAnyGpuRunsAreRefusedBeforeTheyAreSimulated() {
    int mostTokens = 8192 * 128;
    for (Workload tooLarge :
        List.of(
            Workload.prefill(1, List.of(Tokens.of(mostTokens + 1))),
            Workload.prefill(4096, List.of(Tokens.of(1024), Tokens.of(mostTokens))),
            Workload.prefill(1, List.of(Tokens.of(Integer.MAX_VALUE))),
            Workload.prefill(Integer.MAX_VALUE, List.of(Tokens.of(1024))))) {
      assertThatThrownBy(
              () ->
                  new AttentionPricer(
                      table(),
                      shape(128, 4),
                      new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
                      tooLarge,
                      CANDIDATES))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("tiles (")
          .hasMessageContaining("\nMaybe ");
    }
  }

  private static AttentionPricer pricer(
      int headDim, int tile, Visibility visibility, int batch, int heads) {
    return new AttentionPricer(
        table(),
        shape(headDim, heads),
        new Layout(visibility, new TileSize(tile), Layout.LengthMeans.PROMPT),
        Workload.prefill(batch, LENGTHS),
        CANDIDATES);
  }

  private static AttentionShape shape(int headDim, int heads) {
    return new AttentionShape(new QueryHeads(heads), new KvHeads(heads), new HeadDim(headDim));
  }

  private static DeviceTable table() {
    return DeviceTable.resolve(DeviceTable.DEFAULT);
  }
}
