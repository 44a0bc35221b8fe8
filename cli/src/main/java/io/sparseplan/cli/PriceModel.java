package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.proxy.CostProxy;
import io.sparseplan.costmodel.proxy.FittedProxy;
import io.sparseplan.costmodel.rows.PricedRow;
import io.sparseplan.costmodel.rows.RowPricer;
import java.util.List;
import java.util.Optional;

/** What rows are priced with: this program's simulator, or what other programs go by. */
enum PriceModel {
  SIMULATED("simulated", Optional.empty()),
  DENSITY(CostProxy.DENSITY),
  FLOPS_ROOFLINE(CostProxy.FLOPS_ROOFLINE),
  MAX_ROW_DENSITY(CostProxy.MAX_ROW_DENSITY),
  WORST_TILE(CostProxy.WORST_TILE);

  private final String label;
  private final Optional<CostProxy> proxy;

  PriceModel(CostProxy proxy) {
    this(proxy.toString(), Optional.of(proxy));
  }

  PriceModel(String label, Optional<CostProxy> proxy) {
    this.label = label;
    this.proxy = proxy;
  }

  List<PricedRow> price(List<LaunchRow> rows, DeviceTable table) {
    return proxy
        .map(chosen -> FittedProxy.fit(chosen, rows).price(rows))
        .orElseGet(() -> rows.stream().map(new RowPricer(table)::price).toList());
  }

  /** Whose predictions these are, for the table's first line. */
  String describe(DeviceTable table) {
    return proxy.isPresent()
        ? label + ", its one constant a group fitted to these very rows"
        : "the device table " + table.name();
  }

  @Override
  public String toString() {
    return label;
  }
}
