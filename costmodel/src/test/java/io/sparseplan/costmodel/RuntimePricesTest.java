package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.costmodel.runtime.HeadOrder;
import io.sparseplan.costmodel.runtime.Launches;
import io.sparseplan.costmodel.runtime.Selection;
import io.sparseplan.costmodel.runtime.TokenPermutation;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a layer costs as runtimes run it, held against prices of single launches. */
class RuntimePricesTest {
  private static final List<Pattern> CANDIDATES =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(128), Tokens.of(1024), 0),
          new ElasticSpan(Tokens.of(0), Tokens.of(512), 0),
          new ElasticSpan(Tokens.of(1500), Tokens.of(128), 0));
  private static final List<Tokens> LENGTHS = List.of(Tokens.of(1000), Tokens.of(8192));
  private static final int BATCH = 2;
  private static final int HEADS = 12;
  private static final int LONG = 1;

  private static AttentionRuntime runtime(
      HeadAxis axis, Launches launches, HeadOrder order, List<String> dense) {
    return new AttentionRuntime(
        SchemaVersion.CURRENT,
        "test",
        "made up",
        List.of(),
        axis,
        Optional.empty(),
        launches,
        order,
        dense,
        new Selection(0, 0, 0, ""),
        Optional.empty());
  }

  private static AttentionPricer pricer(AttentionRuntime runtime, int heads, int headDim) {
    return new AttentionPricer(
        DeviceTable.resolve(DeviceTable.DEFAULT),
        runtime,
        new AttentionShape(
            new QueryHeads(heads),
            new KvHeads(heads % 3 == 0 ? heads / 3 : heads),
            new HeadDim(headDim)),
        new AttentionReach.Everything(),
        new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
        Workload.prefill(BATCH, LENGTHS),
        CANDIDATES);
  }

  /** One launch of heads that all run the candidate. */
  private static double launchMicros(int candidate, QueryHeads heads, KvHeads read) {
    KernelConstants constants = reading(heads, read);
    var simulator = new TileSimulator(constants);
    TileLists tiles =
        FixedPattern.of(CANDIDATES.get(candidate))
            .on(TileGrid.causal(LENGTHS.get(LONG), TileSize.DEFAULT));
    simulator.place(BlockTimes.ticks(BlockTiles.of(tiles), constants), heads.count() * BATCH);
    return constants.launchMicros() + simulator.makespanMicros();
  }

  private static KernelConstants reading(QueryHeads heads, KvHeads read) {
    DeviceTable table = DeviceTable.resolve(DeviceTable.DEFAULT);
    var headDim = new HeadDim(128);
    return table
        .priceFor(headDim, TileSize.DEFAULT, Visibility.CAUSAL)
        .shape()
        .constants()
        .reading(
            new LaunchTensors(heads, read, headDim, LENGTHS.get(LONG), BATCH),
            table.cacheMegabytes());
  }

  private static int[] same(int candidate, int heads) {
    return IntStream.generate(() -> candidate).limit(heads).toArray();
  }

  @Test
  void oneLaunchAPatternIsASumOfLaunches() {
    AttentionPricer pricer =
        pricer(
            runtime(HeadAxis.QUERY_HEAD, Launches.PER_PATTERN, HeadOrder.MODEL, List.of()),
            HEADS,
            128);
    int[] choice = {1, 2, 2, 3, 1, 2, 2, 2, 3, 1, 2, 2};
    assertThat(pricer.layerMicros(LONG, choice))
        .isCloseTo(
            launchMicros(1, new QueryHeads(3), new KvHeads(3))
                + launchMicros(2, new QueryHeads(7), new KvHeads(4))
                + launchMicros(3, new QueryHeads(2), new KvHeads(2)),
            within(1e-9));
  }

  @Test
  void oneLaunchAHeadIsASumOfLaunches() {
    AttentionPricer pricer =
        pricer(
            runtime(HeadAxis.QUERY_HEAD, Launches.PER_HEAD, HeadOrder.MODEL, List.of()),
            HEADS,
            128);
    int[] choice = {1, 0, 2, 3, 1, 2, 0, 2, 3, 1, 2, 2};
    assertThat(pricer.layerMicros(LONG, choice))
        .isCloseTo(
            Arrays.stream(choice)
                .mapToDouble(
                    candidate -> launchMicros(candidate, new QueryHeads(1), new KvHeads(1)))
                .sum(),
            within(1e-9));
  }

  @Test
  void headsThatARuntimeSortsCostWhatTheyCostInThatOrder() {
    int[] choice = {1, 0, 2, 3, 1, 2, 0, 2, 3, 1, 2, 2};
    int[] byWork = {2, 2, 2, 2, 2, 1, 1, 1, 3, 3, 0, 0};
    AttentionPricer alone = pricer(AttentionRuntime.KERNEL_ALONE, HEADS, 128);
    double leastFirst = alone.layerMicros(LONG, byWork);
    assertThat(alone.headWorkMicros(LONG, 1)).isLessThan(alone.headWorkMicros(LONG, 3));
    assertThat(
            pricer(
                    runtime(
                        HeadAxis.QUERY_HEAD,
                        Launches.PER_LAYER,
                        HeadOrder.LEAST_WORK_FIRST,
                        List.of()),
                    HEADS,
                    128)
                .layerMicros(LONG, choice))
        .isEqualTo(leastFirst);
    double mostFirst =
        pricer(
                runtime(
                    HeadAxis.QUERY_HEAD, Launches.PER_LAYER, HeadOrder.MOST_WORK_FIRST, List.of()),
                HEADS,
                128)
            .layerMicros(LONG, choice);
    assertThat(mostFirst)
        .isEqualTo(alone.layerMicros(LONG, new int[] {0, 0, 3, 3, 1, 1, 1, 2, 2, 2, 2, 2}))
        .isLessThan(leastFirst);
  }

  @Test
  void headsThatShareAMaskVisitTheUnion() {
    AttentionPricer pricer =
        pricer(runtime(HeadAxis.KV_HEAD, Launches.PER_LAYER, HeadOrder.MODEL, List.of()), 6, 128);
    int[] choice = {1, 2, 1, 3, 3, 2};
    var tiles =
        new ReachedTiles(
            TileGrid.causal(LENGTHS.get(LONG), TileSize.DEFAULT), new AttentionReach.Everything());
    KernelConstants constants = reading(new QueryHeads(6), new KvHeads(2));
    var simulator = new TileSimulator(constants);
    for (int first = 0; first < 6; first += 3) {
      List<FixedPattern> group =
          Arrays.stream(choice, first, first + 3)
              .mapToObj(CANDIDATES::get)
              .map(FixedPattern::of)
              .toList();
      simulator.place(BlockTimes.ticks(BlockTiles.of(tiles.union(group)), constants), 3 * BATCH);
    }
    assertThat(pricer.layerMicros(LONG, choice))
        .isEqualTo(constants.launchMicros() + simulator.makespanMicros())
        .isGreaterThan(pricer(AttentionRuntime.KERNEL_ALONE, 6, 128).layerMicros(LONG, choice));
    assertThat(pricer.separateMasksMicros(LONG, choice))
        .isEqualTo(pricer(AttentionRuntime.KERNEL_ALONE, 6, 128).layerMicros(LONG, choice));
  }

  @Test
  void aLayerRunsOnTheFastestDenseKernelWhereThatIsFaster() {
    AttentionPricer pricer = pricer(AttentionRuntime.resolve("flex-attention"), HEADS, 128);
    AttentionPricer alone = pricer(AttentionRuntime.KERNEL_ALONE, HEADS, 128);
    DenseTime sdpa = alone.denseLayer(LONG).getLast();
    assertThat(sdpa.kernel()).isEqualTo("sdpa");
    assertThat(sdpa.millis()).isLessThan(alone.denseLayer(LONG).getFirst().millis());
    assertThat(pricer.layerMicros(LONG, same(0, HEADS)))
        .isCloseTo(1000 * sdpa.millis(), within(1e-9));
    int[] oneSparse = same(0, HEADS);
    oneSparse[3] = 2;
    assertThat(pricer.layerMicros(LONG, oneSparse)).isCloseTo(1000 * sdpa.millis(), within(1e-9));
    assertThat(pricer.layerMicros(LONG, same(2, HEADS)))
        .isEqualTo(alone.layerMicros(LONG, same(2, HEADS)))
        .isLessThan(1000 * sdpa.millis());
  }

  @Test
  void denseHeadsInALaunchOfTheirOwnRunOnTheDenseKernel() {
    AttentionPricer pricer =
        pricer(
            runtime(HeadAxis.QUERY_HEAD, Launches.PER_PATTERN, HeadOrder.MODEL, List.of("sdpa")),
            HEADS,
            128);
    double sdpaOfFive =
        1000 * pricer(AttentionRuntime.KERNEL_ALONE, 5, 128).denseLayer(LONG).getLast().millis();
    assertThat(pricer.layerMicros(LONG, new int[] {0, 2, 2, 0, 2, 2, 0, 2, 0, 2, 0, 2}))
        .isCloseTo(sdpaOfFive + launchMicros(2, new QueryHeads(7), new KvHeads(4)), within(1e-9));
  }

  @Test
  void tokensOfAThreeDimensionalLayoutAreLaidOutBeforeEachLayer() {
    AttentionRuntime natten = AttentionRuntime.resolve("natten");
    var attention = new AttentionShape(new QueryHeads(8), new KvHeads(8), new HeadDim(128));
    double[] micros = new double[2];
    int at = 0;
    for (AttentionRuntime runtime : List.of(AttentionRuntime.KERNEL_ALONE, natten)) {
      micros[at++] =
          new AttentionPricer(
                  DeviceTable.resolve(DeviceTable.DEFAULT),
                  runtime,
                  attention,
                  new AttentionReach.Everything(),
                  new Layout(Visibility.BIDIRECTIONAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
                  Workload.prefill(1, LENGTHS),
                  CANDIDATES)
              .layerMicros(LONG, same(2, 8));
    }
    TokenPermutation permutation = natten.tokenPermutation().orElseThrow();
    assertThat(micros[1] - micros[0])
        .isCloseTo(permutation.micros(attention, LENGTHS.get(LONG), 1, 3.352e6), within(1e-9));
    assertThat(pricer(natten, HEADS, 128).layerMicros(LONG, same(2, HEADS)))
        .as("a causal layout stays as it is")
        .isEqualTo(launchMicros(2, new QueryHeads(HEADS), new KvHeads(4)));
  }

  static Stream<AttentionRuntime> runtimes() {
    Stream<AttentionRuntime> every =
        Arrays.stream(HeadAxis.values())
            .flatMap(
                axis ->
                    Arrays.stream(Launches.values())
                        .flatMap(
                            launches ->
                                Arrays.stream(HeadOrder.values())
                                    .map(order -> runtime(axis, launches, order, List.of()))));
    return Stream.concat(
        every, AttentionRuntime.shippedNames().stream().map(AttentionRuntime::resolve));
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void boundsAreBelowEveryLayer(AttentionRuntime runtime) {
    for (int headDim : new int[] {64, 128}) {
      AttentionPricer pricer = pricer(runtime, HEADS, headDim);
      boolean[][] neverSlower = neverSlower(pricer);
      var random = new SplittableRandom(headDim);
      for (int round = 0; round < 20; round++) {
        int length = round % LENGTHS.size();
        int[] choice = IntStream.range(0, HEADS).map(h -> random.nextInt(4)).toArray();
        int[] faster = choice.clone();
        for (int head = 0; head < HEADS; head++) {
          int other = random.nextInt(4);
          faster[head] = neverSlower[other][choice[head]] ? other : choice[head];
        }
        double micros = pricer.layerMicros(length, choice);
        double work =
            pricer.launchMicros()
                + Arrays.stream(choice).mapToDouble(c -> pricer.headWorkMicros(length, c)).sum();
        assertThat(work).isLessThanOrEqualTo(micros * (1 + 1e-12));
        assertThat(pricer.leastLayerMicros(length, faster))
            .isLessThanOrEqualTo(micros * (1 + 1e-12));
        if (pricer.keepsOrder() && isMonotone(headDim)) {
          assertThat(pricer.separateMasksMicros(length, faster)).isLessThanOrEqualTo(micros);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void thePartsOfALayerSumToItsTimeAndEveryHeadIsLaunchedOnce(AttentionRuntime runtime) {
    for (int headDim : new int[] {64, 128}) {
      AttentionPricer pricer = pricer(runtime, HEADS, headDim);
      var random = new SplittableRandom(headDim);
      for (int round = 0; round < 20; round++) {
        int length = round % LENGTHS.size();
        int[] choice = IntStream.range(0, HEADS).map(h -> random.nextInt(4)).toArray();
        double micros = pricer.layerMicros(length, choice);
        LayerTime time = pricer.layerTime(length, choice);
        assertThat(time.micros()).isCloseTo(micros, within(1e-9 * micros));
        assertThat(
                time.permutationMicros()
                    + time.choosingMicros()
                    + time.launchMicros()
                    + time.workMicros()
                    + time.idleMicros())
            .isCloseTo(micros, within(1e-9 * micros));
        assertThat(time.idleMicros()).isGreaterThanOrEqualTo(-1e-9 * micros);
        assertThat(time.launches().stream().flatMap(launch -> launch.heads().stream()))
            .containsExactlyInAnyOrderElementsOf(IntStream.range(0, HEADS).boxed().toList());
      }
    }
  }

  private static boolean isMonotone(int headDim) {
    return DeviceTable.resolve(DeviceTable.DEFAULT)
        .priceFor(new HeadDim(headDim), TileSize.DEFAULT, Visibility.CAUSAL)
        .shape()
        .constants()
        .isMonotone();
  }

  private static boolean[][] neverSlower(AttentionPricer pricer) {
    var never = new boolean[4][4];
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < 4; b++) {
        never[a][b] = true;
        for (int n = 0; n < LENGTHS.size(); n++) {
          long[] ofA = pricer.blockTicks(n, a);
          long[] ofB = pricer.blockTicks(n, b);
          never[a][b] &= IntStream.range(0, ofA.length).allMatch(i -> ofA[i] <= ofB[i]);
        }
      }
    }
    return never;
  }

  @Test
  void aRuntimeOfAnotherKernelSaysWhoseTimesTheseAre() {
    assertThat(pricer(AttentionRuntime.resolve("moa"), HEADS, 128).warnings())
        .anyMatch(
            warning -> warning.contains("moa_kernel") && warning.contains("is of flex_attention"));
    assertThat(pricer(AttentionRuntime.resolve("flex-attention"), HEADS, 128).warnings())
        .noneMatch(warning -> warning.contains("runtime"));
    assertThat(pricer(AttentionRuntime.resolve("moa"), HEADS, 128).identity().runtime())
        .isEqualTo("moa");
  }
}
