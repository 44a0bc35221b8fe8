package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.AnchorThreshold;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.AxisWindow;
import io.sparseplan.plans.pattern.BandOfBlocks;
import io.sparseplan.plans.pattern.BlockThreshold;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.ChosenAmong;
import io.sparseplan.plans.pattern.ChunkTopK;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.DilatedWindow;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedFactorised;
import io.sparseplan.plans.pattern.FrozenVerticalSlash;
import io.sparseplan.plans.pattern.Grid;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.ModalityCells;
import io.sparseplan.plans.pattern.Neighborhood;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.plans.pattern.RadialDecay;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.pattern.Strided;
import io.sparseplan.plans.pattern.TriShape;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.pattern.VideoBand;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.pattern.VideoStripes;
import io.sparseplan.plans.pattern.WindowSets;
import io.sparseplan.plans.profile.FirstOrderLoss;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.InfluenceMap;
import io.sparseplan.plans.profile.VisitedTiles;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.NaiveAttention;
import io.sparseplan.profiler.attention.NaiveSelection;
import io.sparseplan.profiler.attention.RandomLayer;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The one-pass statistics against their definitions, one softmax row after the other in double. */
final class LayerScorerTest {
  private static final List<Pattern> CANDIDATES =
      List.of(
          new Dense(),
          span(0, 0, 0),
          span(16, 16, 0),
          span(16, 40, 0),
          span(48, 0, 0.1),
          span(48, 33, 0.25),
          span(200, 16, 0),
          span(0, 0, 1),
          new TriShape(Tokens.of(16), Tokens.of(16), 0, Tokens.of(1)),
          new TriShape(Tokens.of(16), Tokens.of(40), 0, Tokens.of(40)),
          new TriShape(Tokens.of(48), Tokens.of(0), 0.1, Tokens.of(5000)),
          new Skip(),
          new Strided(Tokens.of(20), Tokens.of(16), Tokens.of(48), Tokens.of(5)),
          new DilatedWindow(Tokens.of(1), Tokens.of(120), Tokens.of(32)),
          new FrozenVerticalSlash(
              List.of(Tokens.of(3), Tokens.of(70)), List.of(Tokens.of(33), Tokens.of(90))),
          new VerticalSlash(1, 1),
          new VerticalSlash(40, 110),
          new BlockTopK(Tokens.of(40), 0),
          new BlockTopK(Tokens.of(0), 0.4),
          new BlockTopP(0.6, Tokens.of(0), 1),
          new BlockTopP(0.95, Tokens.of(20), 0.25),
          new BandOfBlocks(-64, 0.6),
          new FixedFactorised(Tokens.of(40), Tokens.of(6)),
          new Grid(Tokens.of(48), Tokens.of(7), Tokens.of(2)),
          new ModalityCells(
              List.of(Tokens.of(20), Tokens.of(90)),
              span(16, 16, 0),
              new Skip(),
              new Dense(),
              new Grid(Tokens.of(33), Tokens.of(0), Tokens.of(1))),
          new BlockThreshold(0.1),
          new AnchorThreshold(0.2),
          new ChunkTopK(Tokens.of(32), 3),
          new CoveringVerticalSlash(
              new CoveringVerticalSlash.Share(0.3, 20), new CoveringVerticalSlash.Share(0.5, 9)),
          new AntidiagonalTopP(1, 0.6),
          new SimilarityTopP(0.6, 0.1, 0, 20),
          new SimilarityTopP(0.3, -1, 0, 20),
          new SkipSoftmax(4, 1, 0.5),
          new SkipSoftmax(0.02, 2, 0.1),
          hierarchy(8, 2, 12, 16, 3, 24),
          hierarchy(40, 3, 1, 0, 30, 8),
          new HashBuckets(3, Tokens.of(9), Tokens.of(0), Tokens.of(20), 5),
          new HashBuckets(1, Tokens.of(16), Tokens.of(0), Tokens.of(0), 6));

  private static HierarchicalTopK hierarchy(
      int block, int stride, int chunk, int keep, int window, int budget) {
    var coarse =
        new HierarchicalTopK.Stage(
            Tokens.of(block), Tokens.of(stride), Tokens.of(2 * chunk), Tokens.of(0), 2);
    var fine =
        new HierarchicalTopK.Stage(
            Tokens.of(block), Tokens.of(1), Tokens.of(chunk), Tokens.of(keep), 1);
    return new HierarchicalTopK(
        List.of(coarse, fine), Tokens.of(budget), Tokens.of(window), Tokens.of(5));
  }

  private static ElasticSpan span(int sink, int alpha, double beta) {
    return new ElasticSpan(Tokens.of(sink), Tokens.of(alpha), beta);
  }

  private static final List<Pattern> OF_EVERY_KEY =
      CANDIDATES.stream()
          .filter(pattern -> pattern.fits(TokenLayout.bidirectional(TileSize.DEFAULT)))
          .toList();

  private static final List<Pattern> OF_VIDEO =
      List.of(
          new Dense(),
          new Skip(),
          SlidingTile.ofSta(new Extents(1, 1, 3)),
          new SlidingTile(new Extents(2, 1, 2), new SlidingTile.Window(new Extents(1, 3, 1))),
          new Neighborhood(AxisWindow.of(2), AxisWindow.of(3), AxisWindow.of(2)),
          new VideoBand(VideoBand.Order.FRAME_MAJOR, Tokens.of(5), true),
          new VideoBand(VideoBand.Order.PLACE_MAJOR, Tokens.of(5), false),
          new VideoStripes(Tokens.of(2), Tokens.of(12), Tokens.of(3)),
          new RadialDecay(0.5, Tokens.of(3), false),
          new WindowSets(
              new Extents(2, 2, 3),
              new WindowSets.Shift(1, 0, 1),
              Tokens.of(4),
              WindowSets.SortAxis.WIDTH),
          new BlockTopK(Tokens.of(40), 0),
          new BlockTopP(0.6, Tokens.of(0), 1),
          new SimilarityTopP(0.5, 0.2, 0, 20),
          new SkipSoftmax(4, 1, 0.5),
          new ClusterTopP(3, 5, 0.4, 0.2, new ClusterTopP.Rounds(9, 2, false), 7),
          new ClusterTopP(2, 20, 0.2, 0, new ClusterTopP.Rounds(0, 2, false), 8),
          new SampledBand(0.3, 4, 50, true, 5),
          new SampledBand(0.3, 4, 50, false, 6),
          new VideoChunkTopK(new Extents(2, 1, 3), 3, ChosenAmong.QUERY),
          new VideoChunkTopK(new Extents(1, 2, 2), 3, ChosenAmong.HEAD),
          new VideoChunkTopP(new Extents(9, 2, 2), 0.4, ChosenAmong.QUERY),
          new VideoChunkTopP(new Extents(1, 9, 9), 0.4, ChosenAmong.HEAD));

  @ParameterizedTest
  @CsvSource({"1, 16, 8", "16, 16, 8", "50, 16, 32", "170, 16, 10", "100, 7, 18", "300, 16, 4"})
  void everyStatisticIsThatOfItsDefinition(int tokens, int tile, int headDim) {
    assertStatistics(TileGrid.causal(Tokens.of(tokens), new TileSize(tile)), headDim, CANDIDATES);
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 2", "50, 16, 16", "170, 16, 4", "100, 24, 8"})
  void tilesOfAntidiagonalsAreThoseOfTheDefinition(int tokens, int tile, int stride) {
    TileGrid grid = TileGrid.causal(Tokens.of(tokens), new TileSize(tile));
    List<Pattern> candidates =
        List.of(
            new AntidiagonalTopP(stride, 0),
            new AntidiagonalTopP(stride, 0.5),
            new AntidiagonalTopP(stride, 0.9));
    assertStatistics(grid, 8, candidates);
    try (Workers workers = new Workers(1)) {
      var layer = new RandomLayer(grid, 8, workers);
      LayerAttention dense = layer.dense(workers);
      RandomLayer.Backward backward = layer.backward(dense, workers);
      assertThatThrownBy(
              () ->
                  new LayerScorer(
                          List.of(new AntidiagonalTopP(5, 0.5)), layer.grid, layer.shape, workers)
                      .score(dense, backward.outputGradient(), backward.blocks()))
          .hasMessageContaining("The stride (5) of antidiagonal sums does not divide the tile");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 8", "17, 16, 8", "50, 16, 32", "100, 7, 18", "150, 16, 4"})
  void andWhereEveryKeyIsSeen(int tokens, int tile, int headDim) {
    assertStatistics(
        TileGrid.bidirectional(Tokens.of(tokens), new TileSize(tile)), headDim, OF_EVERY_KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0, 1, 1, 1, 16",
    "2, 3, 4, 5, 1, 2, 2, 4",
    "5, 4, 3, 0, 2, 2, 2, 8",
    "7, 5, 3, 9, 2, 3, 3, 7",
    "4, 4, 8, 6, 2, 2, 4, 16"
  })
  void andOfVideos(int frames, int height, int width, int text, int f, int h, int w, int tile) {
    var video =
        new VideoLayout(new Extents(frames, height, width), Tokens.of(text), new Extents(f, h, w));
    assertStatistics(TileGrid.of(video, new TileSize(tile)), 6, OF_VIDEO);
  }

  private static void assertStatistics(TileGrid grid, int headDim, List<Pattern> candidates) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(grid, headDim, workers);
      LayerAttention dense = layer.dense(workers);
      RandomLayer.Backward backward = layer.backward(dense, workers);
      List<HeadStatistics> scored =
          new LayerScorer(candidates, layer.grid, layer.shape, workers)
              .score(dense, backward.outputGradient(), backward.blocks());
      assertThat(scored).hasSize(4);
      for (int head = 0; head < 4; head++) {
        Expected expected = expected(layer, head, backward.outputGradient(), candidates);
        HeadStatistics found = scored.get(head);
        assertClose("recall", found.recall(), expected.recall, 1e-5);
        double errorScale = Math.max(1, Arrays.stream(expected.outputError).max().orElseThrow());
        assertClose("output error", found.outputError(), expected.outputError, 1e-5 * errorScale);
        assertClose(
            "worst decile", found.worstDecileRecall(), expected.worstDecile, 1.0 / 256 + 1e-5);
        assertClose("mass by distance", found.massByDistance(), expected.massByDistance, 1e-5);
        double scale = Arrays.stream(expected.absolute).max().orElseThrow() + 1e-9;
        FirstOrderLoss firstOrder = found.firstOrder();
        assertClose("absolute", firstOrder.absolute(), expected.absolute, 1e-5 * scale);
        assertClose("signed", firstOrder.signed(), expected.signed, 1e-5 * scale);
        double rmsScale = Arrays.stream(expected.rowRms).max().orElseThrow() + 1e-9;
        assertClose("row RMS", firstOrder.rowRms(), expected.rowRms, 1e-5 * rmsScale);
        assertThat((double) found.entropyBits()).isCloseTo(expected.entropyBits, within(1e-5));
        assertInfluence(found.influence(), expected.influence);
        assertThat(found.visited().counts())
            .isEqualTo(
                VisitedTiles.ofCounts(
                        candidates.stream()
                            .filter(SelectedPattern.class::isInstance)
                            .map(SelectedPattern.class::cast)
                            .map(new NaiveSelection(layer.naive(), layer.grid, head)::visited)
                            .toList())
                    .counts());
        double influenceScale = Arrays.stream(expected.droppedInfluence).max().orElseThrow() + 1e-9;
        for (int candidate = 0; candidate < candidates.size(); candidate++) {
          // Of another order it is a difference of sums of float32, divided by 1 − A of up to 0.9.
          double digits = candidates.get(candidate) instanceof PermutedPattern ? 1e-4 : 1e-5;
          assertThat((double) found.droppedInfluence()[candidate])
              .as("dropped influence %d", candidate)
              .isCloseTo(expected.droppedInfluence[candidate], within(digits * influenceScale));
        }
        assertThat((double) found.sinkMass()).isCloseTo(expected.sinkMass, within(1e-5));
        assertBlockMass(found.blockMass(), expected.blockMass);
      }
    }
  }

  @Test
  void statisticsDoNotDependOnTheNumberOfThreads() {
    try (Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      var layer = new RandomLayer(200, 16, 8, one);
      var first = scored(layer, one);
      var second = scored(layer, three);
      for (int head = 0; head < 4; head++) {
        assertThat(second.get(head)).usingRecursiveComparison().isEqualTo(first.get(head));
      }
    }
  }

  private static List<HeadStatistics> scored(RandomLayer layer, Workers workers) {
    LayerAttention dense = layer.dense(workers);
    RandomLayer.Backward backward = layer.backward(dense, workers);
    return new LayerScorer(CANDIDATES, layer.grid, layer.shape, workers)
        .score(dense, backward.outputGradient(), backward.blocks());
  }

  @Test
  void theStandardCandidatesStartWithDenseAndDiffer() {
    assertThat(CandidateSet.standard().candidates())
        .startsWith(new Dense())
        .doesNotHaveDuplicates()
        .hasSizeGreaterThanOrEqualTo(64);
  }

  private record Expected(
      double[] recall,
      double[] outputError,
      double[] worstDecile,
      double[] massByDistance,
      double sinkMass,
      double[][] blockMass,
      double[] absolute,
      double[] rowRms,
      double[] signed,
      double entropyBits,
      double[][] influence,
      double[] droppedInfluence) {}

  private static Expected expected(
      RandomLayer layer, int head, Activations gradient, List<Pattern> candidates) {
    TileGrid grid = layer.grid;
    NaiveAttention naive = layer.naive();
    var selection = new NaiveSelection(naive, grid, head);
    List<BitSet[]> keys = candidates.stream().map(selection::keys).toList();
    int tokens = grid.length().count();
    int tile = grid.tile().tokens();
    int tiles = grid.tiles();
    int side = Math.min(HeadStatistics.MAX_BLOCK_MASS_SIDE, tiles);
    double[][] recallOfRow = new double[candidates.size()][tokens];
    double[] squaredError = new double[candidates.size()];
    double squaredNorm = 0;
    int lastBin = tiles == 1 ? 0 : 1 + (int) Math.floor(Math.log(tiles - 1) / Math.log(2));
    double[] byDistance = new double[lastBin + 1];
    double sinkMass = 0;
    double[][] blockMass = new double[side][side];
    int[] bandRows = new int[side];
    double[] absolute = new double[candidates.size()];
    double[] rowRms = new double[candidates.size()];
    double[] signed = new double[candidates.size()];
    double entropyBits = 0;
    double[][] influence = new double[side][side];
    double[] droppedInfluence = new double[candidates.size()];
    for (int query = 0; query < tokens; query++) {
      double[] dense = naive.weights(head, query, new Dense(), grid);
      double[] output = naive.output(head, dense);
      squaredNorm += Arrays.stream(output).map(x -> x * x).sum();
      int queryTile = query / tile;
      int visible = grid.visibility() == Visibility.CAUSAL ? query + 1 : tokens;
      bandRows[queryTile * side / tiles]++;
      for (int key = 0; key < visible; key++) {
        int keyTile = key / tile;
        int apart = Math.abs(queryTile - keyTile);
        int bin = apart == 0 ? 0 : 1 + (int) Math.floor(Math.log(apart) / Math.log(2) + 1e-9);
        byDistance[bin] += dense[key] / tokens;
        sinkMass += keyTile == 0 ? dense[key] / tokens : 0;
        blockMass[queryTile * side / tiles][keyTile * side / tiles] += dense[key];
        entropyBits -= dense[key] * Math.log(dense[key]) / Math.log(2) / tokens;
      }
      double[] g = naive.weightGradients(head, query, gradient);
      double mean = 0;
      for (int key = 0; key < visible; key++) {
        mean += g[key] * dense[key];
      }
      double[] influenceOfKey = new double[visible];
      for (int key = 0; key < visible && visible > 1; key++) {
        influenceOfKey[key] = Math.abs(dense[key] * (g[key] - mean) / (1 - dense[key]));
        influence[queryTile * side / tiles][key / tile * side / tiles] += influenceOfKey[key];
      }
      for (int candidate = 0; candidate < candidates.size(); candidate++) {
        double[] sparse = renormalised(dense, keys.get(candidate)[query]);
        double[] sparseOutput = naive.output(head, sparse);
        for (int key = 0; key < tokens; key++) {
          recallOfRow[candidate][query] += sparse[key] > 0 ? dense[key] : 0;
        }
        for (int key = 0; key < visible; key++) {
          droppedInfluence[candidate] += sparse[key] > 0 ? 0 : influenceOfKey[key];
        }
        for (int d = 0; d < output.length; d++) {
          squaredError[candidate] += Math.pow(sparseOutput[d] - output[d], 2);
        }
        double change = naive.dotWithGradient(head, query, gradient, sparseOutput, output);
        absolute[candidate] += Math.abs(change);
        rowRms[candidate] += change * change;
        signed[candidate] += change;
      }
    }
    double[] recall = new double[candidates.size()];
    double[] worstDecile = new double[candidates.size()];
    for (int candidate = 0; candidate < recall.length; candidate++) {
      recall[candidate] = Arrays.stream(recallOfRow[candidate]).average().orElseThrow();
      squaredError[candidate] /= squaredNorm;
      Arrays.sort(recallOfRow[candidate]);
      worstDecile[candidate] = recallOfRow[candidate][Math.ceilDiv(tokens, 10) - 1];
    }
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        blockMass[i][j] /= bandRows[i];
      }
    }
    return new Expected(
        recall,
        squaredError,
        worstDecile,
        byDistance,
        sinkMass,
        blockMass,
        absolute,
        Arrays.stream(rowRms).map(Math::sqrt).toArray(),
        signed,
        entropyBits,
        influence,
        droppedInfluence);
  }

  /** Where nothing is kept, all are zero. */
  private static double[] renormalised(double[] weights, BitSet keys) {
    double kept = keys.stream().mapToDouble(key -> weights[key]).sum();
    double[] renormalised = new double[weights.length];
    keys.stream().forEach(key -> renormalised[key] = weights[key] / kept);
    return renormalised;
  }

  private static void assertClose(String name, float[] found, double[] expected, double within) {
    assertThat(found).as(name).hasSize(expected.length);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as("%s %d", name, i).isCloseTo(expected[i], within(within));
    }
  }

  private static void assertBlockMass(byte[] found, double[][] expected) {
    int side = expected.length;
    assertThat(found).hasSize(side * side);
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        assertThat((found[i * side + j] & 0xff) / 255.0)
            .as("block %d, %d", i, j)
            .isCloseTo(expected[i][j], within(0.5 / 255 + 1e-5));
      }
    }
  }

  private static void assertInfluence(InfluenceMap found, double[][] expected) {
    int side = expected.length;
    double largest = Arrays.stream(expected).flatMapToDouble(Arrays::stream).max().orElseThrow();
    assertThat((double) found.largest()).isCloseTo(largest, within(1e-4 * largest + 1e-9));
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        assertThat((found.blocks()[i * side + j] & 0xff) / 255.0 * largest)
            .as("influence %d, %d", i, j)
            .isCloseTo(expected[i][j], within((0.5 / 255 + 1e-4) * largest + 1e-9));
      }
    }
  }
}
