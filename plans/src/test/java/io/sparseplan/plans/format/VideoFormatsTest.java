package io.sparseplan.plans.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Window;
import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.AxisWindow;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Neighborhood;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.plan.DenoisingSteps;
import io.sparseplan.plans.plan.DenoisingSteps.DenseFirst;
import io.sparseplan.plans.plan.DenoisingSteps.DenseLast;
import io.sparseplan.plans.plan.StepPatterns;
import io.sparseplan.plans.plan.StepRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan files of video runtimes, written by hand from their documented schemas. */
final class VideoFormatsTest {
  private static final Path FILE = Path.of("some.json");
  private static final VideoLayout HUNYUAN =
      new VideoLayout(new Extents(30, 48, 80), Tokens.of(256), new Extents(6, 8, 8));
  private static final VideoLayout COSMOS =
      new VideoLayout(new Extents(16, 44, 80), Tokens.of(0), new Extents(4, 4, 8));
  private static final SlidingTile NEAR = SlidingTile.ofSta(new Extents(5, 3, 3));
  private static final SlidingTile FAR = SlidingTile.ofSta(new Extents(1, 6, 10));

  /** Two layers of one head, three steps, the first dense. */
  private static final String STA =
      """
      {
      "0_0_0": [5, 6, 10],
      "0_1_0": [5, 6, 10],
      "1_0_0": [5, 3, 3],
      "1_1_0": [1, 6, 10],
      "2_0_0": [5, 3, 3],
      "2_1_0": [5, 3, 3]
      }
      """;

  private static VideoHeads sta(String json) {
    return StaStrategy.read(FILE, json.getBytes(StandardCharsets.UTF_8), HUNYUAN);
  }

  @Test
  void aStrategyOfSlidingTilesReadsAsRunsOfStepsAndComesBack() {
    VideoHeads heads = sta(STA);
    assertThat(heads.layers()).isEqualTo(2);
    assertThat(heads.stepCount()).isEqualTo(3);
    assertThat(heads.steps().get(0).ranges())
        .containsExactly(
            new StepRange(new Span(0, 1), new Dense()), new StepRange(new Span(1, 3), NEAR));
    assertThat(heads.steps().get(1).ranges())
        .containsExactly(
            new StepRange(new Span(0, 1), new Dense()),
            new StepRange(new Span(1, 2), FAR),
            new StepRange(new Span(2, 3), NEAR));
    assertThat(StaStrategy.write(heads)).isEqualTo(STA);
    // Of 300 tiles 45, 60, 45, 45 in the four sparse cells.
    StaStatistics statistics = StaStatistics.of(heads);
    assertThat(statistics.sparseFrom()).isEqualTo(1);
    assertThat(statistics.sparsityFromThere()).isCloseTo(1 - 195 / 1200.0, within(1e-12));
    assertThat(statistics.overallSparsity()).isCloseTo(1 - 795 / 1800.0, within(1e-12));
    assertThat(statistics.headsWithOneWindow()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "1_1_0": [1, 6, 10]  | "1_1_9": [1, 6, 10]      | lacks the key "0_0_1"
          "1_1_0": [1, 6, 10]  | "9_1_0": [1, 6, 10]      | lacks the key "3_0_0" of 10 steps
          "1_1_0": [1, 6, 10]  | "1_1": [1, 6, 10]        | its key "1_1" is not "step_layer_head"
          "1_1_0": [1, 6, 10]  | "1_01_0": [1, 6, 10]     | its key "1_01_0"
          "1_1_0": [1, 6, 10]  | "1_1_-1": [1, 6, 10]     | its key "1_1_-1"
          "1_1_0": [1, 6, 10]  | "1_0_0": [1, 6, 10]      | 1_0_0
          "1_1_0": [1, 6, 10]  | "1_1_0": [1, 6, 11]      | window 1x6x11 of "1_1_0" is larger than the video, 5x6x10
          "1_1_0": [1, 6, 10]  | "1_1_0": [0, 6, 10]      | value of "1_1_0"
          "1_1_0": [1, 6, 10]  | "1_1_0": [1, 6]          | value of "1_1_0"
          "1_1_0": [1, 6, 10]  | "1_1_0": [1.5, 6, 10]    | value of "1_1_0"
          "1_1_0": [1, 6, 10]  | "1_1_0": null            | value of "1_1_0"
          "1_1_0": [1, 6, 10]  | "1_1_0": [99999999999, 1, 1] | value of "1_1_0"
          {                    | [                        | not valid
          """)
  void aDamagedStrategyIsRefusedByName(String from, String to, String named) {
    assertThat(STA).contains(from);
    assertThatThrownBy(() -> sta(STA.replace(from, to)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("some.json")
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void aHeadThatIsNoWindowOfStaIsRefused() {
    var heads =
        new VideoHeads(HUNYUAN, new QueryHeads(2), List.of(always(NEAR), always(new Skip())));
    assertThatThrownBy(() -> StaStrategy.write(heads))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The head L0.H1 runs skip in step 0");
  }

  private static StepPatterns always(Pattern pattern) {
    return StepPatterns.ofEach(List.of(pattern));
  }

  private static final Neighborhood PLAIN =
      new Neighborhood(AxisWindow.of(16), window(12, 4, 1), window(24, 8, 1));
  private static final Neighborhood DILATED =
      new Neighborhood(AxisWindow.of(16), window(4, 1, 11), window(16, 1, 5));

  private static AxisWindow window(int window, int stride, int dilation) {
    return new AxisWindow(new Window(window), new Stride(stride), new Dilation(dilation), false);
  }

  private static final String NATTEN =
      """
      [
      null,
      {"window_size": [-1, 12, 24], "stride": [1, 4, 8], "base_size": [16, 44, 80]},
      {"window_size": [-1, 4, 16], "dilation": [1, 11, 5], "base_size": [16, 44, 80]}
      ]
      """;

  private static VideoHeads natten(String text) {
    return NattenLayers.read(
        FILE, text.getBytes(StandardCharsets.UTF_8), COSMOS, new QueryHeads(2));
  }

  @Test
  void aListOfLayersReadsAsNeighborhoodsAndComesBack() {
    VideoHeads heads = natten(NATTEN);
    assertThat(heads.steps())
        .containsExactly(
            always(new Dense()),
            always(new Dense()),
            always(PLAIN),
            always(PLAIN),
            always(DILATED),
            always(DILATED));
    assertThat(NattenLayers.write(heads)).isEqualTo(NATTEN);
  }

  @Test
  void thePythonLiteralThatCosmosHasReadsAlike() {
    assertThat(
            natten(
                """
                [
                  None,
                  {"window_size": (-1, 12, 24), "stride": (1, 4, 8), "base_size": (-1, 44, 80)},
                  {'window_size': (-1, 4, 16), 'dilation': (1, 11, 5), 'base_size': (-1, 44, 80),},
                ]
                """))
        .isEqualTo(natten(NATTEN));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [16, 44, 80]}\\n    | [16, 44, 81]}\\n  | for 81 along WIDTH, the video has 80
          [-1, 4, 16]         | [-1, 4]           | window_size of layer 2 is not a list of one for each axis
          [-1, 4, 16]         | [-1, 4, 0]        | window_size of layer 2 has 0
          [-1, 4, 16]         | [-1, 5, 16]       | layer 2 along HEIGHT: The window (5) times the dilation (11)
          [1, 4, 8]           | [1, 13, 8]        | layer 1 along HEIGHT: The stride (13) must be at most the window (12)
          "dilation"          | "dilatation"      | layer 2 has dilatation
          null                | 7                 | entry of layer 0 is no object
          "stride"            | "is_causal"       | is_causal of layer 1 has 1, no flag
          """)
  void aDamagedListIsRefusedByName(String from, String to, String named) {
    String changed = NATTEN.replace(from.replace("\\n", "\n"), to.replace("\\n", "\n"));
    assertThat(changed).isNotEqualTo(NATTEN);
    assertThatThrownBy(() -> natten(changed))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("some.json")
        .hasMessageContaining(named);
  }

  @Test
  void headsOfALayerThatDifferAreNamed() {
    var heads = new VideoHeads(HUNYUAN, new QueryHeads(2), List.of(always(NEAR), always(FAR)));
    assertThatThrownBy(() -> NattenLayers.write(heads))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "The heads L0.H0 (sta(5x3x3)) and L0.H1 (sta(1x6x10)) run different patterns; NATTEN has one for all heads of a layer.");
    StepPatterns late =
        StepPatterns.of(PLAIN, new DenoisingSteps(3, new DenseFirst(1), new DenseLast(0)));
    assertThatThrownBy(
            () -> NattenLayers.write(new VideoHeads(COSMOS, new QueryHeads(1), List.of(late))))
        .hasMessageContaining("Layer 0 runs dense and na(16,12/4,24/8) in different steps");
  }

  @Test
  void slidingTilesAreStridedNeighborhoodsWhereTilesDivideTheVideo() {
    var random = new SplittableRandom(5);
    int same = 0;
    for (int geometry = 0; geometry < 400; geometry++) {
      var extents = new Extents(random.nextInt(1, 9), random.nextInt(1, 9), random.nextInt(1, 9));
      var tile = new Extents(random.nextInt(1, 4), random.nextInt(1, 4), random.nextInt(1, 4));
      var window = new Extents(random.nextInt(1, 6), random.nextInt(1, 6), random.nextInt(1, 6));
      var sliding = new SlidingTile(tile, new SlidingTile.Window(window));
      var grid =
          TileGrid.of(
              new VideoLayout(extents, Tokens.of(0), new Extents(1, 1, 1)), new TileSize(1));
      if (sliding.asNeighborhood(extents).isPresent()) {
        same++;
        Neighborhood neighborhood = sliding.asNeighborhood(extents).orElseThrow();
        for (int query = 0; query < grid.tiles(); query++) {
          assertThat(neighborhood.keyTiles(grid, query))
              .as("%s of %s, query %d", sliding, extents, query)
              .isEqualTo(sliding.keyTiles(grid, query));
        }
      }
    }
    assertThat(same).isGreaterThan(100);
    assertThat(
            NattenLayers.write(new VideoHeads(HUNYUAN, new QueryHeads(1), List.of(always(NEAR)))))
        .isEqualTo(
            "[\n{\"window_size\": [-1, 24, 24], \"stride\": [1, 8, 8], \"base_size\": [30, 48, 80]}\n]\n");
  }

  @Test
  void stepsAreRunsWithoutGaps() {
    var patterns = new ArrayList<Pattern>();
    var random = new SplittableRandom(6);
    for (int step = 0; step < 50; step++) {
      patterns.add(List.of(new Dense(), NEAR, FAR).get(random.nextInt(3)));
    }
    StepPatterns steps = StepPatterns.ofEach(patterns);
    assertThat(steps.count()).isEqualTo(50);
    for (int step = 0; step < 50; step++) {
      assertThat(steps.at(step)).isEqualTo(patterns.get(step));
    }
    assertThatThrownBy(() -> steps.at(50)).hasMessageContaining("There are 50 steps");
    assertThatThrownBy(() -> new StepPatterns(List.of(new StepRange(new Span(1, 2), NEAR))))
        .hasMessageContaining("must start at step 0");
    assertThatThrownBy(
            () ->
                new StepPatterns(
                    List.of(
                        new StepRange(new Span(0, 2), NEAR), new StepRange(new Span(2, 3), NEAR))))
        .hasMessageContaining("must be one");
    assertThatThrownBy(() -> new DenoisingSteps(50, new DenseFirst(40), new DenseLast(11)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Of 50 denoising steps the first 40 and the last 11");
  }
}
