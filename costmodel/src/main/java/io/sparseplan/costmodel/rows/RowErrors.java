package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.decode.SplitKvShape;
import io.sparseplan.costmodel.fit.ErrorReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How far predictions are from measured times, by group. Rows without times do not count. */
public final class RowErrors {
  private RowErrors() {}

  /** The groups in the order of their labels, with all of a phase on a GPU after its groups. */
  public static List<ErrorReport> of(List<PricedRow> rows) {
    var reports = new ArrayList<ErrorReport>();
    Map<String, List<PricedRow>> phases = grouped(rows, row -> RowGroup.of(row.row()).phaseLabel());
    phases.forEach(
        (phase, ofPhase) -> {
          reports.addAll(
              reports(
                  grouped(ofPhase, row -> RowGroup.of(row.row()).label()),
                  PricedRow::relativeError));
          report(phase + ", all", ofPhase, PricedRow::relativeError).ifPresent(reports::add);
        });
    reports.addAll(
        reports(
            grouped(
                rows,
                row ->
                    "%s, dense sdpa, head_dim %d"
                        .formatted(
                            row.row().gpuName(), row.row().launch().attention().headDim().count())),
            PricedRow::sdpaRelativeError));
    return List.copyOf(reports);
  }

  /** The same of decode steps: each kernel shape, then all of a GPU. */
  public static List<ErrorReport> ofSteps(List<PricedStep> steps) {
    Map<String, List<PricedStep>> gpus =
        steps.stream()
            .collect(
                Collectors.groupingBy(
                    step -> step.row().gpuName() + ", split-KV decode",
                    TreeMap::new,
                    Collectors.toList()));
    var reports = new ArrayList<ErrorReport>();
    gpus.forEach(
        (gpu, ofGpu) -> {
          Map<String, List<PricedStep>> shapes =
              ofGpu.stream()
                  .collect(
                      Collectors.groupingBy(
                          step -> gpu + ", " + shapeLabel(step),
                          TreeMap::new,
                          Collectors.toList()));
          shapes.forEach(
              (shape, ofShape) -> report(shape, stepErrors(ofShape)).ifPresent(reports::add));
          report(gpu + ", all", stepErrors(ofGpu)).ifPresent(reports::add);
        });
    return List.copyOf(reports);
  }

  private static String shapeLabel(PricedStep step) {
    SplitKvShape shape = step.row().launch().shape();
    return "head_dim %d, %d query heads a KV head, tile %d"
        .formatted(shape.headDim().count(), shape.queryHeadsOfKvHead(), shape.tile().tokens());
  }

  private static double[] stepErrors(List<PricedStep> steps) {
    return steps.stream()
        .flatMap(step -> step.relativeError().stream())
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private static Map<String, List<PricedRow>> grouped(
      List<PricedRow> rows, Function<PricedRow, String> label) {
    return rows.stream().collect(Collectors.groupingBy(label, TreeMap::new, Collectors.toList()));
  }

  private static List<ErrorReport> reports(
      Map<String, List<PricedRow>> groups, Function<PricedRow, Optional<Double>> error) {
    return groups.entrySet().stream()
        .map(group -> report(group.getKey(), group.getValue(), error))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<ErrorReport> report(
      String label, List<PricedRow> rows, Function<PricedRow, Optional<Double>> error) {
    return report(
        label,
        rows.stream()
            .map(error)
            .flatMap(Optional::stream)
            .mapToDouble(Double::doubleValue)
            .toArray());
  }

  private static Optional<ErrorReport> report(String label, double[] errors) {
    if (errors.length == 0) {
      return Optional.empty();
    }
    double[] sizes = Arrays.stream(errors).map(Math::abs).sorted().toArray();
    int rank = (int) Math.ceil(0.95 * sizes.length) - 1;
    double mean = Arrays.stream(errors).map(Math::abs).average().orElseThrow();
    double bias = Arrays.stream(errors).average().orElseThrow();
    return Optional.of(
        new ErrorReport(label, errors.length, 100 * mean, 100 * sizes[rank], 100 * bias));
  }
}
