package io.sparseplan.report.view;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.FitEvidence;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.NotMeasured;
import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.rows.RowPrice;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.source.PlanDevice;
import io.sparseplan.report.source.Validation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Holds the cost model against what was measured: when it was fitted, and on rows given since. */
final class Validity {
  private Validity() {}

  static ShownValidity of(Plan plan, Optional<PlanDevice> device, Optional<Validation> validation) {
    return new ShownValidity(
        sentence(plan, device.map(PlanDevice::table)),
        fit(plan, device.map(PlanDevice::table)),
        validation.map(Validity::rows));
  }

  private static String sentence(Plan plan, Optional<DeviceTable> table) {
    return table
        .flatMap(DeviceTable::notMeasured)
        .map(NotMeasured::warning)
        .orElseGet(
            () ->
                plan.device().notMeasured()
                    ? "Not measured on this GPU: the times were scaled by published peaks."
                    : "The constants of %s were fitted to launches of %s on %s; on them the mean error is %s %% of the measured time."
                        .formatted(
                            plan.device().name(),
                            plan.device().kernel(),
                            plan.device().gpu(),
                            NumberText.significant(plan.device().meanErrorPercent())));
  }

  private static Table fit(Plan plan, Optional<DeviceTable> table) {
    Optional<KernelShape> used =
        table.map(
            known ->
                known
                    .priceFor(
                        plan.model().attention().headDim(),
                        plan.layout().tile(),
                        plan.layout().visibility())
                    .shape());
    return new Table(
        List.of(
            new Table.Column("kernel shape", Basis.GIVEN),
            new Table.Column("layout", Basis.GIVEN),
            new Table.Column("launches", Basis.MEASURED),
            new Table.Column("lengths, tokens", Basis.MEASURED),
            new Table.Column("batch", Basis.MEASURED),
            new Table.Column("query heads", Basis.MEASURED),
            new Table.Column("mean error", Basis.MEASURED),
            new Table.Column("95th percentile", Basis.MEASURED)),
        table.stream()
            .flatMap(known -> known.shapes().stream())
            .flatMap(
                shape ->
                    shape.evidence().stream()
                        .map(
                            of ->
                                row(
                                    shape,
                                    of,
                                    used.equals(Optional.of(shape))
                                        && of.visibility() == plan.layout().visibility())))
            .toList());
  }

  private static List<String> row(KernelShape shape, FitEvidence evidence, boolean used) {
    return List.of(
        "head_dim %d, tile %d%s"
            .formatted(shape.headDim().count(), shape.tile().tokens(), used ? ", this plan's" : ""),
        evidence.visibility().name().toLowerCase(Locale.ROOT),
        NumberText.count(evidence.rows()),
        range(evidence.lengths().stream().map(Tokens::count).toList()),
        range(evidence.batches()),
        range(evidence.queryHeads()),
        percent(evidence.error().meanPercent()),
        percent(evidence.error().p95Percent()));
  }

  private static String range(List<Integer> ascending) {
    String first = NumberText.count(ascending.getFirst());
    return ascending.size() == 1 ? first : first + " to " + NumberText.count(ascending.getLast());
  }

  private static String percent(double percent) {
    return NumberText.significant(percent) + " %";
  }

  private static ShownValidity.Rows rows(Validation validation) {
    var rows = new ArrayList<List<String>>();
    addErrors(rows, "all", validation, row -> true);
    addErrors(rows, "in the measured range", validation, RowPrice::inRange);
    addErrors(rows, "outside of it", validation, row -> !row.inRange());
    return new ShownValidity.Rows(
        new Table(
            List.of(
                new Table.Column("launches", Basis.GIVEN),
                new Table.Column("count", Basis.MEASURED),
                new Table.Column("mean error", Basis.MEASURED),
                new Table.Column("95th percentile", Basis.MEASURED),
                new Table.Column("predicted ÷ measured, mean", Basis.MEASURED)),
            rows),
        points(validation.rows()),
        validation.rows().size());
  }

  private static void addErrors(
      List<List<String>> rows, String name, Validation validation, Predicate<RowPrice> which) {
    List<RowPrice> chosen = validation.rows().stream().filter(which).toList();
    if (chosen.isEmpty()) {
      return;
    }
    var errors = RelativeError.of(new Validation(chosen).absoluteErrors());
    double bias = chosen.stream().mapToDouble(Validation::relativeError).average().orElseThrow();
    rows.add(
        List.of(
            name,
            NumberText.count(chosen.size()),
            percent(errors.meanPercent()),
            percent(errors.p95Percent()),
            NumberText.significant(1 + bias)));
  }

  private static List<ShownValidity.Point> points(List<RowPrice> rows) {
    List<RowPrice> byTime =
        rows.stream()
            .sorted(Comparator.comparingDouble(row -> row.measuredMillis().orElseThrow()))
            .toList();
    int shown = Math.min(byTime.size(), ShownValidity.Rows.MOST_POINTS);
    return IntStream.range(0, shown)
        .mapToObj(nth -> byTime.get((int) ((long) nth * byTime.size() / shown)))
        .map(
            row ->
                new ShownValidity.Point(
                    NumberText.rounded(row.measuredMillis().orElseThrow()),
                    NumberText.rounded(row.predictedMillis()),
                    row.inRange()))
        .toList();
  }
}
