package io.sparseplan.costmodel.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.fit.ErrorReport;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.costmodel.rows.PricedRow;
import io.sparseplan.costmodel.rows.RowErrors;
import io.sparseplan.costmodel.rows.RowGroup;
import io.sparseplan.costmodel.rows.RowPricer;
import io.sparseplan.costmodel.rows.RowRanking;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CostProxyTest {
  private static final List<LaunchRow> H200 =
      MeasuredRows.launches(Measurements.file("h200-flex-prefill"));

  private static final MeasuredHead DENSE = new MeasuredHead.Dense();
  private static final MeasuredHead WINDOW =
      new MeasuredHead.Streaming(
          new MeasuredHead.Streaming.Sink(1), new MeasuredHead.Streaming.Window(2));

  private static LaunchRow row(String gpu, int batch, MeasuredHead... heads) {
    var launch =
        new Launch(
            Phase.PREFILL,
            batch,
            new AttentionShape(new QueryHeads(heads.length), new KvHeads(1), new HeadDim(64)),
            Tokens.of(512),
            TileSize.DEFAULT,
            Visibility.CAUSAL,
            List.of(heads));
    return new LaunchRow(
        1,
        launch,
        launch.visitedTiles(),
        Optional.of(gpu),
        Optional.of("flex_attention"),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void workByHand() {
    // Of 4 query tiles a dense head visits 1, 2, 3, 4 and a window with its sink 1, 2, 3, 3.
    LaunchRow mixed = row("NVIDIA H200", 2, DENSE, WINDOW);
    double tile = 2 * 128 * 128;
    assertThat(CostProxy.DENSITY.work(mixed)).isEqualTo(19 * tile);
    assertThat(CostProxy.MAX_ROW_DENSITY.work(mixed)).isEqualTo((4 * 4 + 4 * 3) * tile);
    assertThat(CostProxy.WORST_TILE.work(mixed)).isEqualTo(8 * 4 * tile);
    double flops = 4.0 * 64 * 19 * tile;
    double bytes = 2 * (2 * 2 * 512 + 2 * 512) * 64 * 2.0;
    assertThat(CostProxy.FLOPS_ROOFLINE.work(mixed))
        .isCloseTo(Math.max(flops / 989.4e12, bytes / 4800e9), within(1e-15));
  }

  @Test
  void aLayerWithOneDenseHeadCostsItsWorstTileEverywhere() {
    LaunchRow dense = row("NVIDIA H200", 1, DENSE, DENSE);
    LaunchRow mixed = row("NVIDIA H200", 1, DENSE, WINDOW);
    assertThat(CostProxy.WORST_TILE.work(mixed)).isEqualTo(CostProxy.WORST_TILE.work(dense));
    assertThat(CostProxy.MAX_ROW_DENSITY.work(mixed))
        .isLessThan(CostProxy.MAX_ROW_DENSITY.work(dense));
  }

  @Test
  void aGpuWithoutPublishedPeaksHasNoRoofline() {
    LaunchRow unknown = row("Some GPU", 1, DENSE, DENSE);
    assertThatThrownBy(() -> CostProxy.FLOPS_ROOFLINE.work(unknown))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("line 1", "Some GPU", "Maybe");
  }

  @ParameterizedTest
  @EnumSource
  void noOtherConstantHasASmallerErrorOnAGroup(CostProxy proxy) {
    RowGroup group = RowGroup.of(H200.getFirst());
    List<LaunchRow> rows = H200.stream().filter(row -> RowGroup.of(row).equals(group)).toList();
    List<PricedRow> fitted = FittedProxy.fit(proxy, rows).price(rows);
    double best = meanError(fitted, 1);
    for (double scale = 0.3; scale < 3; scale += 0.01) {
      assertThat(meanError(fitted, scale)).isGreaterThanOrEqualTo(best - 1e-12);
    }
  }

  private static double meanError(List<PricedRow> rows, double scale) {
    return rows.stream()
        .mapToDouble(row -> Math.abs(scale * (row.relativeError().orElseThrow() + 1) - 1))
        .average()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void everyProxyIsFurtherOffThanTheSimulatorAndOrdersMorePairsWrongly(CostProxy proxy) {
    List<PricedRow> proxied = FittedProxy.fit(proxy, H200).price(H200);
    var pricer = new RowPricer(DeviceTable.resolve("h200-flex-attention"));
    List<PricedRow> simulated = H200.stream().map(pricer::price).toList();
    assertThat(all(proxied).mapePercent()).isGreaterThan(5 * all(simulated).mapePercent());
    assertThat(RowRanking.of(proxied).wrongPairs())
        .isGreaterThan(5 * RowRanking.of(simulated).wrongPairs());
  }

  private static ErrorReport all(List<PricedRow> rows) {
    return RowErrors.of(rows).stream()
        .filter(report -> report.group().endsWith("all"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rowsWithoutAMeasuredOneInTheirGroupAreRefused() {
    FittedProxy fitted = FittedProxy.fit(CostProxy.DENSITY, H200);
    assertThatThrownBy(() -> fitted.price(row("NVIDIA H100 80GB HBM3", 1, DENSE)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("line 1", "density", "Maybe");
  }
}
