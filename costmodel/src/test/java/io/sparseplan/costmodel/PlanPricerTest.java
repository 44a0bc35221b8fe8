package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.costmodel.rows.RowPricer;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.model.SlidingLayers;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.plan.DenseWins;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.SelectedTiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanPricerTest {
  private static final DeviceTable TABLE = DeviceTable.resolve(DeviceTable.DEFAULT);
  private static final Pattern DENSE = new Dense();
  private static final Pattern WIDE = new ElasticSpan(Tokens.of(128), Tokens.of(2048), 0);
  private static final Pattern NARROW = new ElasticSpan(Tokens.of(128), Tokens.of(384), 0);

  private static ModelIdentity model(
      int layers, AttentionShape attention, List<SlidingLayers> sliding) {
    return new ModelIdentity(
        "test",
        "MistralForCausalLM",
        Sha256.of("config"),
        Sha256.of("weights"),
        new LayerCount(layers),
        attention,
        new Rope(10_000),
        sliding,
        HeadAxis.QUERY_HEAD);
  }

  private static AttentionShape shape(int heads) {
    return new AttentionShape(new QueryHeads(heads), new KvHeads(heads), new HeadDim(128));
  }

  private static Layout layout(Visibility visibility, TileSize tile) {
    return new Layout(visibility, tile, Layout.LengthMeans.PROMPT);
  }

  private static final Layout CAUSAL = layout(Visibility.CAUSAL, TileSize.DEFAULT);

  @Test
  void everyLayerIsPricedWithinItsOwnReach() {
    var window = new AttentionReach.SlidingWindow(Tokens.of(1024));
    ModelIdentity model =
        model(
            3,
            shape(4),
            List.of(
                new SlidingLayers(window.window(), List.of(new LayerIndex(0), new LayerIndex(2)))));
    assertThat(model.reachOfLayers())
        .containsExactly(window, new AttentionReach.Everything(), window);
    List<Pattern> heads = new ArrayList<>(Collections.nCopies(12, WIDE));
    heads.set(5, DENSE);
    Workload workload = Workload.prefill(16, List.of(Tokens.of(1000), Tokens.of(8192)));
    PlanTime time =
        new PlanPricer(
                TABLE, AttentionRuntime.KERNEL_ALONE, model, CAUSAL, heads, SelectedTiles.NONE)
            .of(workload);
    for (int n = 0; n < 2; n++) {
      double dense = 0;
      for (int layer = 0; layer < 3; layer++) {
        var pricer =
            new AttentionPricer(
                TABLE,
                AttentionRuntime.KERNEL_ALONE,
                shape(4),
                model.reachOfLayers().get(layer),
                CAUSAL,
                workload,
                List.of(DENSE, WIDE));
        int[] choice = layer == 1 ? new int[] {1, 0, 1, 1} : new int[] {1, 1, 1, 1};
        assertThat(time.layerMicros()[n][layer]).isEqualTo(pricer.layerMicros(n, choice));
        dense += pricer.denseLayer(n).getFirst().millis();
      }
      assertThat(time.dense(n).getFirst().millis()).isCloseTo(dense, within(1e-9));
    }
  }

  @Test
  void aTileWhoseSoftmaxIsSkippedCostsHalf() {
    Workload workload = Workload.prefill(4, List.of(Tokens.of(16 * 128)));
    ModelIdentity model = model(1, shape(4), List.of());
    List<Pattern> skip = Collections.nCopies(4, new SkipSoftmax(1, 0, 0));
    // Of i tiles 2·10 − i whole and the rest by half are 10, as many as a span of ten visits.
    SelectedTiles tiles =
        (place, pattern, length) ->
            IntStream.rangeClosed(1, 16).map(seen -> seen <= 10 ? seen : 20 - seen).toArray();
    PlanTime time =
        new PlanPricer(TABLE, AttentionRuntime.KERNEL_ALONE, model, CAUSAL, skip, tiles)
            .of(workload);
    List<Pattern> ten =
        Collections.nCopies(4, new ElasticSpan(Tokens.of(128), Tokens.of(9 * 128), 0));
    PlanTime same =
        new PlanPricer(TABLE, AttentionRuntime.KERNEL_ALONE, model, CAUSAL, ten, SelectedTiles.NONE)
            .of(workload);
    assertThat(time.millis(0)).isEqualTo(same.millis(0));
  }

  @Test
  void inALayerWithAWindowDenseCostsTheWindowAndNoPatternMore() {
    var window = new AttentionReach.SlidingWindow(Tokens.of(1024));
    Workload workload = Workload.prefill(4, List.of(Tokens.of(16384)));
    AttentionPricer within = pricer(window, workload);
    AttentionPricer beyond = pricer(new AttentionReach.Everything(), workload);
    int[] dense = new int[8];
    int[] wide = {1, 1, 1, 1, 1, 1, 1, 1};
    assertThat(within.layerMicros(0, dense)).isLessThan(beyond.layerMicros(0, dense) / 4);
    assertThat(within.layerMicros(0, wide))
        .as("a window of 2,048 in a reach of 1,024 is dense there")
        .isEqualTo(within.layerMicros(0, dense));
    assertThat(within.density(0, 1)).isEqualTo(1);
    assertThat(beyond.density(0, 1)).isLessThan(0.3);
    List<DenseTime> others = within.denseLayer(0);
    assertThat(others.getFirst().millis() * 1000)
        .isCloseTo(within.layerMicros(0, dense), within(1e-9));
    assertThat(others.getLast().millis()).isLessThan(beyond.denseLayer(0).getLast().millis() / 4);
  }

  private static AttentionPricer pricer(AttentionReach reach, Workload workload) {
    return new AttentionPricer(
        TABLE,
        AttentionRuntime.KERNEL_ALONE,
        shape(8),
        reach,
        CAUSAL,
        workload,
        List.of(DENSE, WIDE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void belowTheLengthDenseIsFasterAndFromItOnThePlan(int batch) {
    var plan = plan(AttentionRuntime.KERNEL_ALONE, Collections.nCopies(32, NARROW));
    DenseWins wins =
        plan.denseWins(Workload.prefill(batch, List.of(Tokens.of(16384))), Optional.empty());
    int below = wins.below().orElseThrow().count();
    assertThat(wins.triedTo()).isEqualTo(Tokens.of(32768));
    assertThat(below % 128).isZero();
    assertThat(isFaster(plan, batch, below)).isTrue();
    int before = Math.max(128, (int) (below / 128 / Math.pow(2, 1.0 / 8)) * 128);
    assertThat(before).isLessThan(below);
    assertThat(isFaster(plan, batch, before)).isFalse();
  }

  private static PlanPricer plan(AttentionRuntime runtime, List<Pattern> heads) {
    return new PlanPricer(
        TABLE, runtime, model(1, shape(32), List.of()), CAUSAL, heads, SelectedTiles.NONE);
  }

  private static boolean isFaster(PlanPricer plan, int batch, int length) {
    PlanTime time = plan.of(Workload.prefill(batch, List.of(Tokens.of(length))));
    return time.dense(0).stream().allMatch(dense -> time.millis(0) < dense.millis());
  }

  @Test
  void aPlanThatIsDenseNeverWinsOverAFasterDenseKernel() {
    Workload workload = Workload.prefill(1, List.of(Tokens.of(8192)));
    List<Pattern> dense = Collections.nCopies(32, DENSE);
    for (AttentionRuntime runtime :
        List.of(AttentionRuntime.KERNEL_ALONE, AttentionRuntime.resolve("flex-attention"))) {
      assertThat(plan(runtime, dense).denseWins(workload, Optional.empty()))
          .isEqualTo(new DenseWins(Optional.empty(), Tokens.of(16384)));
    }
  }

  /** Launches that were measured, as plans of one layer: causal ones, and bidirectional ones. */
  @ParameterizedTest
  @EnumSource(Visibility.class)
  void aPlanOfOneLayerCostsWhatTheSameLaunchCosts(Visibility visibility) {
    var rows = new RowPricer(TABLE);
    int compared = 0;
    for (LaunchRow row : MeasuredRows.launches(Measurements.file("h100-flex-prefill"))) {
      Launch launch = row.launch();
      List<Pattern> patterns =
          launch.heads().stream().flatMap(head -> pattern(head, launch.tile())).toList();
      if (launch.visibility() != visibility || patterns.size() < launch.heads().size()) {
        continue;
      }
      var plan =
          new PlanPricer(
              TABLE,
              AttentionRuntime.KERNEL_ALONE,
              model(1, launch.attention(), List.of()),
              layout(visibility, launch.tile()),
              patterns,
              SelectedTiles.NONE);
      double millis = plan.of(Workload.prefill(launch.batch(), List.of(launch.length()))).millis(0);
      assertThat(millis).isCloseTo(rows.price(row).predictedMillis(), within(1e-12));
      assertThat(millis).isCloseTo(row.measuredMillis().orElseThrow(), within(0.2 * millis));
      compared++;
    }
    assertThat(compared).isGreaterThan(10);
  }

  private static Stream<Pattern> pattern(MeasuredHead head, TileSize tile) {
    return switch (head) {
      case MeasuredHead.Dense dense -> Stream.of(DENSE);
      case MeasuredHead.Streaming(var sink, var window) ->
          Stream.of(
              new ElasticSpan(
                  Tokens.of(sink.tiles() * tile.tokens()),
                  Tokens.of(window.tiles() * tile.tokens()),
                  0));
      case MeasuredHead.Strided strided -> Stream.empty();
      case MeasuredHead.VerticalSlash slash -> Stream.empty();
      case MeasuredHead.Random random -> Stream.empty();
    };
  }

  @Test
  void aPlanNamesAPatternForEveryHead() {
    assertThatThrownBy(() -> plan(AttentionRuntime.KERNEL_ALONE, List.of(DENSE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 heads")
        .hasMessageContaining("has 32");
  }
}
