package io.sparseplan.costmodel.decode;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.SchemaVersion;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Fits a {@link SplitKvTable} to measured decode steps.
 *
 * <p>Idea: least mean |predicted − measured| ÷ measured, which a few odd rows cannot bend, by
 * coordinate descent on the logarithms of the constants. Launch, merge and bandwidth do not change
 * the schedule, so the slots' ends are kept while those three move. Two blocks of a multiprocessor
 * are assumed: the kernel's registers allow two or three, and no measurement tells them apart.
 */
public final class SplitKvFitter {
  /** Folds of the cross-validation. */
  public static final int FOLDS = 5;

  private static final int BLOCKS_EACH = 2;
  private static final int MOST_ROUNDS = 80;
  private static final double FIRST_STEP = 0.3;
  private static final double LAST_STEP = 2e-3;
  private static final MathContext DIGITS = new MathContext(4);

  private final int multiprocessors;
  private final List<Sample> samples;
  private final Map<SplitKvShape, Times> times = new LinkedHashMap<>();
  private final Constant launch = new Constant(5);
  private final Constant merge = new Constant(0.1);
  private final Constant bandwidth;

  /** One constant, as its logarithm, and the step that descent tries next. */
  private static final class Constant {
    private double log;
    private double step = FIRST_STEP;

    Constant(double value) {
      log = Math.log(value);
    }

    double value() {
      return Math.exp(log);
    }
  }

  /** The constants of one shape. */
  private record Times(Constant block, Constant tile) {}

  private static final class Sample {
    private final SplitKvRow row;
    private final SplitKvShape shape;
    private final int[] tilesOfBlocks;
    private final int mostChunks;
    private double[] ends;

    Sample(SplitKvRow row) {
      this.row = row;
      shape = row.shape();
      tilesOfBlocks = row.launch().tilesOfBlocks();
      mostChunks = row.launch().mostChunks();
    }
  }

  private SplitKvFitter(int multiprocessors, List<SplitKvRow> rows) {
    this.multiprocessors = multiprocessors;
    this.samples = rows.stream().map(Sample::new).toList();
    double fastest =
        rows.stream()
            .mapToDouble(row -> row.launch().bytes() / (1e3 * row.medianMillis()))
            .max()
            .orElseThrow();
    bandwidth = new Constant(fastest);
    rows.stream()
        .map(SplitKvRow::shape)
        .distinct()
        .sorted(
            Comparator.comparing((SplitKvShape shape) -> shape.headDim().count())
                .thenComparing(SplitKvShape::queryHeadsOfKvHead)
                .thenComparing(shape -> shape.tile().tokens()))
        .forEach(shape -> times.put(shape, firstGuess(shape)));
    samples.forEach(this::schedule);
  }

  /** A tile's work is its elements times the query heads that read it. */
  private static Times firstGuess(SplitKvShape shape) {
    double elements = shape.headDim().count() * shape.tile().tokens() / 8192.0;
    return new Times(
        new Constant(1.5),
        new Constant(1.4 * elements * Math.max(1, shape.queryHeadsOfKvHead() / 4.0)));
  }

  /**
   * Fits all rows, and says how well five-fold cross-validation does.
   *
   * @param rows of one GPU and kernel
   * @throws BadInputException if they are of several
   */
  public static SplitKvTable fit(
      String name, String source, int multiprocessors, List<SplitKvRow> rows) {
    List<String> of =
        rows.stream().map(row -> row.kernel() + " on " + row.gpu()).distinct().toList();
    if (of.size() != 1) {
      throw new BadInputException(
          "The rows are of several kernels or GPUs (%s); a decode table is of one."
              .formatted(String.join(", ", of)),
          "give each its own file.");
    }
    SplitKvFitter fitter = new SplitKvFitter(multiprocessors, rows);
    fitter.descend();
    return new SplitKvTable(
        new SchemaVersion(1),
        name,
        rows.getFirst().gpu(),
        rows.getFirst().kernel(),
        source,
        fitter.constants(),
        MeasuredRange.of(rows),
        fitter.kernels(),
        RelativeError.of(crossValidate(multiprocessors, rows, FOLDS)),
        RelativeError.of(rows.stream().mapToDouble(SplitKvRow::spread).toArray()));
  }

  /**
   * |predicted − measured| ÷ measured of every row, by constants fitted to the rows of the other
   * folds. Row i belongs to fold i modulo the number of folds.
   *
   * @throws BadInputException if all rows of a shape belong to one fold
   */
  static double[] crossValidate(int multiprocessors, List<SplitKvRow> rows, int folds) {
    double[] errors = new double[rows.size()];
    for (int fold = 0; fold < folds; fold++) {
      var training = new ArrayList<SplitKvRow>();
      for (int at = 0; at < rows.size(); at++) {
        if (at % folds != fold) {
          training.add(rows.get(at));
        }
      }
      SplitKvFitter fitter = new SplitKvFitter(multiprocessors, training);
      fitter.descend();
      for (int at = fold; at < rows.size(); at += folds) {
        SplitKvRow row = rows.get(at);
        SplitKvKernel kernel =
            fitter.kernels().stream()
                .filter(k -> k.shape().equals(row.shape()))
                .findFirst()
                .orElseThrow(
                    () ->
                        new BadInputException(
                            "All rows of head_dim %d, %d query heads a KV head and tile %d are in one of %d folds."
                                .formatted(
                                    row.shape().headDim().count(),
                                    row.shape().queryHeadsOfKvHead(),
                                    row.shape().tile().tokens(),
                                    folds),
                            "measure more steps of that shape, or leave these out."));
        double micros = SplitKvTime.micros(row.launch(), fitter.constants(), kernel);
        errors[at] = Math.abs(micros / (1e3 * row.medianMillis()) - 1);
      }
    }
    return errors;
  }

  private void descend() {
    double best = meanError();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      for (Constant shared : List.of(launch, merge, bandwidth)) {
        best = improve(shared, best, () -> {});
      }
      for (var entry : times.entrySet()) {
        Runnable reschedule = () -> scheduleShape(entry.getKey());
        best = improve(entry.getValue().block(), best, reschedule);
        best = improve(entry.getValue().tile(), best, reschedule);
      }
      if (largestStep() < LAST_STEP) {
        return;
      }
    }
  }

  private double improve(Constant constant, double best, Runnable afterChange) {
    double old = constant.log;
    DoubleSupplier tried =
        () -> {
          afterChange.run();
          return meanError();
        };
    for (double direction : new double[] {1, -1}) {
      constant.log = old + direction * constant.step;
      double error = tried.getAsDouble();
      if (error < best - 1e-7) {
        constant.step *= 1.3;
        return error;
      }
    }
    constant.log = old;
    afterChange.run();
    constant.step *= 0.6;
    return best;
  }

  private double largestStep() {
    double largest = Math.max(launch.step, Math.max(merge.step, bandwidth.step));
    for (Times one : times.values()) {
      largest = Math.max(largest, Math.max(one.block.step, one.tile.step));
    }
    return largest;
  }

  private void scheduleShape(SplitKvShape shape) {
    for (Sample sample : samples) {
      if (sample.shape.equals(shape)) {
        schedule(sample);
      }
    }
  }

  private void schedule(Sample sample) {
    Times one = times.get(sample.shape);
    sample.ends =
        SplitKvTime.ends(
            sample.tilesOfBlocks,
            BLOCKS_EACH * multiprocessors,
            one.block.value(),
            one.tile.value());
  }

  private double meanError() {
    double sum = 0;
    for (Sample sample : samples) {
      sum += error(sample);
    }
    return sum / samples.size();
  }

  private double error(Sample sample) {
    SplitKvShape shape = sample.shape;
    double micros =
        SplitKvTime.micros(
            sample.ends,
            shape.bytesOfTile() / times.get(shape).tile.value(),
            sample.mostChunks,
            launch.value(),
            merge.value(),
            bandwidth.value());
    return Math.abs(micros / (1e3 * sample.row.medianMillis()) - 1);
  }

  private SplitKvConstants constants() {
    return new SplitKvConstants(
        multiprocessors,
        rounded(launch.value()),
        rounded(merge.value()),
        rounded(bandwidth.value()));
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }

  private List<SplitKvKernel> kernels() {
    var kernels = new ArrayList<SplitKvKernel>();
    times.forEach(
        (shape, one) -> {
          double[] errors =
              samples.stream()
                  .filter(sample -> sample.shape.equals(shape))
                  .mapToDouble(this::error)
                  .toArray();
          kernels.add(
              new SplitKvKernel(
                  shape,
                  BLOCKS_EACH,
                  rounded(one.block.value()),
                  rounded(one.tile.value()),
                  errors.length,
                  RelativeError.of(errors)));
        });
    return List.copyOf(kernels);
  }
}
