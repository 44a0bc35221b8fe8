package io.sparseplan.costmodel.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.fit.ErrorReport;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Workload;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowPricerTest {
  private static final List<LaunchRow> H100 = rows("h100-flex-prefill");
  private static final DeviceTable TABLE = DeviceTable.resolve("h100-flex-attention");
  private static final RowPricer PRICER = new RowPricer(TABLE);

  private static List<LaunchRow> rows(String name) {
    return MeasuredRows.launches(Measurements.file(name));
  }

  private static List<PricedRow> priced(String device, List<LaunchRow> rows) {
    return rows.stream().map(new RowPricer(DeviceTable.resolve(device))::price).toList();
  }

  @Test
  void aDenseRowCostsWhatAPlanOfDenseHeadsCosts() {
    int compared = 0;
    for (LaunchRow row : H100) {
      Launch launch = row.launch();
      if (launch.heads().stream().allMatch(new MeasuredHead.Dense()::equals)
          && launch.tile().equals(TileSize.DEFAULT)) {
        var pricer =
            new AttentionPricer(
                TABLE,
                launch.attention(),
                new Layout(launch.visibility(), launch.tile(), Layout.LengthMeans.PROMPT),
                Workload.prefill(launch.batch(), List.of(launch.length())),
                List.of(new Dense()));
        PricedRow price = PRICER.price(row);
        assertThat(price.predictedMillis())
            .isCloseTo(pricer.layerMicros(0, new int[launch.heads().size()]) / 1000, within(1e-9));
        assertThat(price.sdpaPredictedMillis().orElseThrow())
            .isCloseTo(pricer.denseLayer(0).getLast().millis(), within(1e-9));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(20);
  }

  @Test
  void shippedRowsAreInTheRangeOfTheirOwnTable() {
    assertThat(priced(TABLE.name(), H100)).allMatch(PricedRow::inRange);
  }

  @ParameterizedTest
  @CsvSource({"h100, 2.5", "h200, 2.5"})
  void errorsAreGivenByGroupAndInAll(String gpu, double mostPercent) {
    List<LaunchRow> rows = rows(gpu + "-flex-prefill");
    List<ErrorReport> errors = RowErrors.of(priced(gpu + "-flex-attention", rows));
    assertThat(errors)
        .extracting(ErrorReport::group)
        .anyMatch(group -> group.endsWith("prefill, head_dim 128, tile 64, causal"))
        .anyMatch(group -> group.endsWith("prefill, head_dim 64, tile 128, not causal"))
        .anyMatch(group -> group.endsWith("dense sdpa, head_dim 64"));
    ErrorReport all =
        errors.stream()
            .filter(report -> report.group().endsWith("prefill, all"))
            .findFirst()
            .orElseThrow();
    assertThat(all.rows()).isEqualTo(rows.size());
    assertThat(all.mapePercent()).isLessThan(mostPercent);
    int inGroups =
        errors.stream()
            .filter(report -> report.group().contains("prefill, head_dim"))
            .mapToInt(ErrorReport::rows)
            .sum();
    assertThat(inGroups).isEqualTo(rows.size());
  }

  @Test
  void aGroupsErrorIsTheMeanOfItsRows() {
    List<PricedRow> rows =
        List.of(priced(H100.get(0), 0.9), priced(H100.get(0), 1.2), priced(H100.get(0), 1.0));
    ErrorReport all = RowErrors.of(rows).get(1);
    assertThat(all.rows()).isEqualTo(3);
    assertThat(all.mapePercent()).isCloseTo(10, within(1e-9));
    assertThat(all.p95Percent()).isCloseTo(20, within(1e-9));
    assertThat(all.biasPercent()).isCloseTo(10 / 3.0, within(1e-9));
  }

  /** A price that is this many times the measured time. */
  private static PricedRow priced(LaunchRow row, double ratio) {
    return new PricedRow(
        row, ratio * row.measuredMillis().orElseThrow(), Optional.empty(), List.of());
  }

  @Test
  void whatWasNotMeasuredIsOutOfRangeAndSaysWhy() {
    LaunchRow row = H100.getFirst();
    assertOutside(
        with(row, row.launch().batch() + 999, row.launch().attention().headDim().count(), 128),
        "Batch 1000");
    assertOutside(with(row, 1, 96, 128), "head_dim 96");
    assertOutside(with(row, 1, 128, 32), "32 tokens");
    assertOutside(
        new LaunchRow(
            1,
            row.launch(),
            row.visitedTiles(),
            row.gpu(),
            Optional.of("flash_attention"),
            Optional.empty(),
            Optional.empty()),
        "kernel flash_attention");
    assertThat(new RowPricer(DeviceTable.resolve("b200-flex-attention")).price(row).outside())
        .first()
        .asString()
        .startsWith("Not measured on this GPU");
  }

  private static void assertOutside(LaunchRow row, String why) {
    PricedRow price = PRICER.price(row);
    assertThat(price.inRange()).isFalse();
    assertThat(price.outside()).anyMatch(reason -> reason.contains(why));
  }

  private static LaunchRow with(LaunchRow row, int batch, int headDim, int tile) {
    Launch launch = row.launch();
    var other =
        new Launch(
            launch.phase(),
            batch,
            new AttentionShape(
                launch.attention().queryHeads(),
                launch.attention().kvHeads(),
                new HeadDim(headDim)),
            launch.length(),
            new TileSize(tile),
            launch.visibility(),
            launch.heads());
    return new LaunchRow(
        row.line(),
        other,
        other.visitedTiles(),
        row.gpu(),
        row.kernel(),
        Optional.empty(),
        Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({"h100", "h200"})
  void groupedDecodeRowsArePricedAsThePrefillKernelThatRan(String gpu) {
    List<PricedRow> prices = priced(gpu + "-flex-attention", rows(gpu + "-flex-decode"));
    for (PricedRow price : prices) {
      assertThat(price.inRange()).isFalse();
      if (!RowGroup.of(price.row()).splitsKeys()) {
        assertThat(price.relativeError().orElseThrow()).isBetween(-0.15, 0.15);
      }
    }
  }

  @Test
  void decodeOfUngroupedHeadsIsAGroupOfItsOwnAndSaysThatItTakesLess() {
    PricedRow ungrouped =
        priced(TABLE.name(), rows("h100-flex-decode")).stream()
            .filter(price -> price.row().launch().attention().groupSize() == 1)
            .findFirst()
            .orElseThrow();
    assertThat(ungrouped.outside()).anyMatch(reason -> reason.contains("takes less"));
    assertThat(ungrouped.predictedMillis())
        .isGreaterThan(ungrouped.row().measuredMillis().orElseThrow());
    assertThat(RowGroup.of(ungrouped.row()).label()).contains("decode (split keys)");
  }

  @Test
  void aDecodeOfAnotherKernelIsRefused() {
    LaunchRow row = rows("h100-flex-decode").getFirst();
    var other =
        new LaunchRow(
            7,
            row.launch(),
            row.visitedTiles(),
            row.gpu(),
            Optional.of("split_decode"),
            Optional.empty(),
            Optional.empty());
    assertThat(row.launch().phase()).isEqualTo(Phase.DECODE);
    assertThatThrownBy(() -> PRICER.price(other))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("line 7", "split_decode", "Maybe");
  }

  @Test
  void aLaunchOfMoreTimeThanTheSimulatorHoldsIsRefusedByItsLine() {
    LaunchRow row = H100.getFirst();
    int heads = 1024;
    var launch =
        new Launch(
            Phase.PREFILL,
            2,
            new AttentionShape(
                new QueryHeads(heads), new KvHeads(heads), row.launch().attention().headDim()),
            Tokens.of(1 << 20),
            TileSize.DEFAULT,
            Visibility.BIDIRECTIONAL,
            Collections.nCopies(heads, new MeasuredHead.Dense()));
    var huge =
        new LaunchRow(
            3,
            launch,
            launch.visitedTiles(),
            row.gpu(),
            row.kernel(),
            Optional.empty(),
            Optional.empty());
    // 2 · 1024 · 8192² tiles of 2.5 µs on 132 slots are 44 minutes, and 4 days of blocks.
    assertThatThrownBy(() -> PRICER.price(huge))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("line 3");
  }
}
