package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.PublishedPeaks;
import io.sparseplan.costmodel.Ranking;
import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.Validation;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How well constants predict launches that they were not fitted to.
 *
 * <p>All methods use the prefill rows and leave others out. Every fit is that of {@link
 * DeviceTableFitter}, so the same rows give the same reports. A fit takes seconds for a few hundred
 * rows.
 */
public final class CrossValidation {
  private CrossValidation() {}

  /** A launch beside its prediction. */
  record Prediction(MeasuredLaunch launch, double predictedMicros) {
    double error() {
      return predictedMicros / launch.measuredMicros() - 1;
    }
  }

  /**
   * A table with what cross-validation says of it.
   *
   * @param heldOut errors on rows held out of the fit: all rows, then each kernel shape,
   *     visibility, head kind, number of heads and length
   */
  public record Validated(DeviceTable table, List<ErrorReport> heldOut) {}

  /**
   * Fits a table to the rows, and finds out how far it is off: each row is predicted from a fit to
   * the other folds.
   *
   * @param fitter of the rows' GPU
   * @param rows of one GPU and kernel
   * @param alsoFitted more rows of the same kernel, that are not predicted. Those of the same GPU
   *     are in every fit but those which hold out the same launch; with any, the constants get no
   *     intervals, which these rows would make too narrow. Those of another GPU (see {@link
   *     DeviceTableFitter#fit(String, List)}) are held out in turn, like the rows
   * @param folds 2 or more, and at most as many as there are launches of any kernel shape. Launches
   *     of one shape are dealt to the folds in turn, in the order of their work, with all rows that
   *     measured them
   * @throws BadInputException if a fold leaves too few rows of a kernel shape to fit
   */
  public static Validated validate(
      DeviceTableFitter fitter, List<MeasuredRow> rows, List<MeasuredRow> alsoFitted, int folds) {
    String gpu = DeviceTableFitter.gpuOf(rows);
    DeviceTable table = fitter.fit(gpu, joined(rows, alsoFitted));
    var withoutAFold = new ArrayList<List<KernelShape>>();
    List<Prediction> heldOut =
        heldOut(
            rows,
            alsoFitted,
            folds,
            others -> {
              DeviceTable fitted = fitter.fit(gpu, others);
              withoutAFold.add(fitted.shapes());
              return fitted;
            });
    boolean inEveryFit = alsoFitted.stream().anyMatch(row -> row.gpu().equals(gpu));
    List<KernelShape> shapes =
        inEveryFit
            ? table.shapes()
            : table.shapes().stream()
                .map(shape -> shape.withIntervals(Jackknife.intervals(shape, withoutAFold)))
                .toList();
    var validation =
        new Validation(
            folds,
            heldOut.size(),
            RelativeError.of(
                heldOut.stream().mapToDouble(prediction -> Math.abs(prediction.error())).toArray()),
            Repeats.of(prefill(rows).toList()));
    return new Validated(table.with(shapes, validation), reports(heldOut));
  }

  private static List<MeasuredRow> joined(List<MeasuredRow> rows, List<MeasuredRow> more) {
    return Stream.concat(rows.stream(), more.stream()).toList();
  }

  static List<Prediction> heldOut(List<MeasuredRow> rows, int folds) {
    return heldOut(rows, List.of(), folds, CrossValidation::fit);
  }

  private static List<Prediction> heldOut(
      List<MeasuredRow> rows,
      List<MeasuredRow> alsoFitted,
      int folds,
      Function<List<MeasuredRow>, DeviceTable> fit) {
    if (folds < 2) {
      throw new BadInputException(
          "The folds (%d) are fewer than 2.".formatted(folds), "5 is usual.");
    }
    Map<Launch, Integer> foldOf = new HashMap<>();
    Stream.concat(
            prefill(rows).sorted(BY_SHAPE_THEN_WORK),
            prefill(alsoFitted)
                .filter(row -> !row.gpu().equals(rows.getFirst().gpu()))
                .sorted(BY_SHAPE_THEN_WORK))
        .map(MeasuredRow::launch)
        .forEach(launch -> foldOf.putIfAbsent(launch, foldOf.size() % folds));
    return IntStream.range(0, folds)
        .mapToObj(
            fold -> {
              Predicate<MeasuredRow> isHeldOut =
                  row -> foldOf.getOrDefault(row.launch(), -1) == fold;
              List<MeasuredRow> others =
                  prefill(joined(rows, alsoFitted)).filter(isHeldOut.negate()).toList();
              return predictions(fit.apply(others), prefill(rows).filter(isHeldOut).toList());
            })
        .flatMap(List::stream)
        .toList();
  }

  /** What a launch is of, its patterns aside; the tile and head_dim choose the constants. */
  private record LaunchShape(
      HeadDim headDim, TileSize tile, QueryHeads queryHeads, KvHeads kvHeads, Tokens length) {
    static LaunchShape of(MeasuredRow row) {
      return new LaunchShape(
          row.headDim(), row.tile(), row.queryHeads(), row.kvHeads(), row.keyLength());
    }

    boolean sharesConstants(LaunchShape other) {
      return headDim.equals(other.headDim) && tile.equals(other.tile);
    }
  }

  /**
   * Each launch shape (heads, KV heads, head_dim, tile, length) predicted from a fit to the others
   * of its head_dim and tile. Shapes without enough other rows to fit are left out.
   *
   * @return one report over all rows
   */
  public static List<ErrorReport> leaveOneShapeOut(List<MeasuredRow> rows) {
    List<MeasuredRow> prefill = prefill(rows).toList();
    Map<LaunchShape, List<MeasuredRow>> byShape =
        prefill.stream().collect(Collectors.groupingBy(LaunchShape::of));
    List<Prediction> predictions =
        byShape.keySet().stream()
            .sorted(Comparator.comparing(LaunchShape::toString))
            .flatMap(
                shape -> {
                  List<MeasuredRow> others =
                      prefill.stream()
                          .filter(row -> LaunchShape.of(row).sharesConstants(shape))
                          .filter(row -> !LaunchShape.of(row).equals(shape))
                          .toList();
                  return others.size() < DeviceTableFitter.LEAST_ROWS
                      ? Stream.empty()
                      : predictions(fit(others), byShape.get(shape)).stream();
                })
            .toList();
    return predictions.isEmpty()
        ? List.of()
        : List.of(report("one launch shape left out", predictions));
  }

  /**
   * The rows of one GPU predicted with the table of another.
   *
   * @return as it is, then with all times multiplied by the one number that fits these rows best
   */
  public static List<ErrorReport> transfer(DeviceTable table, List<MeasuredRow> rows) {
    List<Prediction> asIs = predictions(table, prefill(rows).toList());
    double scale =
        LaunchAndTile.fit(
                asIs.stream().mapToDouble(Prediction::predictedMicros).toArray(),
                asIs.stream().mapToDouble(prediction -> measured(prediction)).toArray(),
                OptionalDouble.of(0))
            .tileMicros();
    return List.of(
        report("%s as it is".formatted(table.name()), asIs),
        report(
            "%s with one scale fitted".formatted(table.name()),
            asIs.stream()
                .map(
                    prediction ->
                        new Prediction(prediction.launch, scale * prediction.predictedMicros))
                .toList()));
  }

  /** How well a table orders launches of one shape; see {@link Ranking}. */
  public static Ranking ranking(DeviceTable table, List<MeasuredRow> rows) {
    return ranking(predictions(table, prefill(rows).toList()));
  }

  static Ranking ranking(List<Prediction> predictions) {
    record Sparse(LaunchShape shape, boolean causal) {}
    return Ranking.of(
        predictions.stream()
            .collect(
                Collectors.groupingBy(
                    prediction ->
                        new Sparse(
                            LaunchShape.of(prediction.launch.row()),
                            prediction.launch.row().causal()),
                    Collectors.mapping(
                        prediction ->
                            new Ranking.Times(
                                prediction.predictedMicros, prediction.launch.measuredMicros()),
                        Collectors.toList())))
            .values());
  }

  private static DeviceTable fit(List<MeasuredRow> rows) {
    return new DeviceTableFitter("cross-validation", multiprocessors(rows)).fit(rows);
  }

  private static int multiprocessors(List<MeasuredRow> rows) {
    String gpu = rows.getFirst().gpu();
    return PublishedPeaks.of(gpu)
        .map(PublishedPeaks::multiprocessors)
        .orElseThrow(
            () ->
                new BadInputException(
                    "The number of multiprocessors of the gpu (%s) is not known.".formatted(gpu),
                    "its name is spelt otherwise than its driver spells it."));
  }

  static List<Prediction> predictions(DeviceTable table, List<MeasuredRow> rows) {
    return rows.stream()
        .map(
            row -> {
              KernelConstants constants =
                  table.priceFor(row.headDim(), row.tile(), row.visibility()).shape().constants();
              MeasuredLaunch launch = MeasuredLaunch.ofBlockSparse(row);
              return new Prediction(launch, launch.predictedMicros(constants));
            })
        .toList();
  }

  private static double measured(Prediction prediction) {
    return prediction.launch.measuredMicros();
  }

  static List<ErrorReport> reports(List<Prediction> predictions) {
    var reports = new ArrayList<ErrorReport>();
    reports.add(report("all", predictions));
    reports.addAll(
        byGroup(
            predictions,
            row -> "head_dim %d, tile %d".formatted(row.headDim().count(), row.tile().tokens())));
    reports.addAll(byGroup(predictions, row -> row.visibility().name().toLowerCase(Locale.ROOT)));
    reports.addAll(byGroup(predictions, CrossValidation::kind));
    reports.addAll(
        byGroup(
            predictions,
            row ->
                "%d query heads, %d KV heads"
                    .formatted(row.queryHeads().count(), row.kvHeads().count())));
    reports.addAll(byGroup(predictions, row -> "%6s tokens".formatted(row.keyLength())));
    return List.copyOf(reports);
  }

  private static String kind(MeasuredRow row) {
    List<String> kinds =
        row.heads().stream().map(head -> head.getClass().getSimpleName()).distinct().toList();
    return kinds.size() == 1 ? "heads all " + kinds.getFirst() : "heads of several kinds";
  }

  private static List<ErrorReport> byGroup(
      List<Prediction> predictions, Function<MeasuredRow, String> group) {
    var groups =
        predictions.stream()
            .collect(
                Collectors.groupingBy(
                    prediction -> group.apply(prediction.launch.row()),
                    TreeMap::new,
                    Collectors.toList()));
    return groups.entrySet().stream()
        .map(entry -> report(entry.getKey().strip(), entry.getValue()))
        .toList();
  }

  static ErrorReport report(String group, List<Prediction> predictions) {
    double[] errors = predictions.stream().mapToDouble(Prediction::error).toArray();
    double[] absolute = Arrays.stream(errors).map(Math::abs).sorted().toArray();
    int rank = (int) Math.ceil(0.95 * absolute.length) - 1;
    return new ErrorReport(
        group, errors.length, 100 * mean(absolute), 100 * absolute[rank], 100 * mean(errors));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static Stream<MeasuredRow> prefill(List<MeasuredRow> rows) {
    return rows.stream().filter(row -> row.phase() == Phase.PREFILL);
  }

  private static final Comparator<MeasuredRow> BY_SHAPE_THEN_WORK =
      Comparator.<MeasuredRow>comparingInt(row -> row.headDim().count())
          .thenComparingInt(row -> row.tile().tokens())
          .thenComparing(MeasuredRow::causal)
          .thenComparing(MeasuredRow::keyLength)
          .thenComparingInt(row -> row.queryHeads().count())
          .thenComparingLong(MeasuredRow::tiles)
          .thenComparingDouble(MeasuredRow::medianMillis);
}
