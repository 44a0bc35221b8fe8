package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.PublishedPeaks;
import io.sparseplan.costmodel.Validation;
import io.sparseplan.costmodel.decode.DecodeRows;
import io.sparseplan.costmodel.decode.SplitKvFitter;
import io.sparseplan.costmodel.decode.SplitKvRow;
import io.sparseplan.costmodel.decode.SplitKvRows;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.fit.CrossValidation;
import io.sparseplan.costmodel.fit.CrossValidation.Validated;
import io.sparseplan.costmodel.fit.DeviceTableFitter;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.rows.RowErrors;
import io.sparseplan.costmodel.rows.RowPricer;
import io.sparseplan.costmodel.rows.StepPricer;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuSupport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sparseplan calibrate}. */
@Command(
    name = "calibrate",
    description = {
      "Fits a device table to measured launches.",
      "Prints how far it is off, on the rows that it was fitted to and on rows held out of the "
          + "fit. With --gpu it first measures them on this machine's GPU, in one to two minutes."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CalibrateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source;

  /** Where the rows come from. */
  private static final class Source {
    @Option(
        names = "--rows",
        required = true,
        paramLabel = "FILE",
        description = "Measured launches of one GPU and kernel: .jsonl or .csv, or .gz of either.")
    private Optional<Path> rowsFile = Optional.empty();

    @Option(
        names = "--gpu",
        required = true,
        description =
            "Measure this program's own block-sparse kernel on this machine's GPU; the rows are"
                + " kept beside the table, as its name with .rows.jsonl.")
    private boolean gpu;
  }

  @Option(
      names = "--launches",
      paramLabel = "FILE",
      description =
          "With --gpu: measure these prefills, rows with or without times, instead of the designed"
              + " ones.")
  private Optional<Path> launchesFile = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Where to write the device table.")
  private Path output;

  @Option(
      names = "--name",
      paramLabel = "N",
      description = "The table's name (default: the output's name without its suffix).")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--multiprocessors",
      paramLabel = "M",
      description = "SMs of the GPU (default: known for GPUs of show devices, and H100 and H200).")
  private Optional<Integer> multiprocessors = Optional.empty();

  @Option(
      names = "--also-fit",
      paramLabel = "FILE",
      description =
          "More prefill rows of the same kernel, which help to fit and are not judged: of the same"
              + " GPU, seen by every fit but those that hold out the same launch; of another with"
              + " the same chip, used where blocks share a multiprocessor.")
  private Optional<Path> alsoFitFile = Optional.empty();

  @Option(
      names = "--folds",
      paramLabel = "K",
      defaultValue = "5",
      description = "Folds of the cross-validation (default: ${DEFAULT-VALUE}).")
  private int folds;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress.")
  private boolean quiet;

  private Optional<Integer> measuredMultiprocessors = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (folds < 2 || folds > 20) {
      throw usage("--folds (%d) must be in 2..20.\nMaybe leave it out.".formatted(folds));
    }
    if (launchesFile.isPresent() && !source.gpu) {
      throw usage(
          "--launches (%s) says what to measure, and --gpu is not given.\nMaybe add it."
              .formatted(launchesFile.get()));
    }
    if (source.rowsFile.isPresent() && DecodeRows.isOf(source.rowsFile.get())) {
      return calibrateDecode(source.rowsFile.get());
    }
    Path rowsFile = source.rowsFile.isPresent() ? source.rowsFile.get() : measuredRows();
    List<MeasuredRow> rows = MeasuredRows.read(rowsFile);
    List<LaunchRow> prefills = prefillsOf(rowsFile);
    var fitter =
        new DeviceTableFitter(
            name.orElseGet(this::outputName), multiprocessorsOf(rows.getFirst().gpu()));
    List<MeasuredRow> alsoFitted = alsoFitFile.map(MeasuredRows::read).orElse(List.of());
    Validated validated = CrossValidation.validate(fitter, rows, alsoFitted, folds);
    DeviceTable table = validated.table();
    table.write(output);
    PrintWriter out = spec.commandLine().getOut();
    out.println("On the rows that it was fitted to:");
    out.print(
        ErrorTable.of(RowErrors.of(prefills.stream().map(new RowPricer(table)::price).toList())));
    out.print(ErrorTable.of(CrossValidation.ranking(table, rows)));
    out.printf("%nOn rows held out of the fit, %d folds:%n", folds);
    out.print(ErrorTable.of(validated.heldOut()));
    table
        .validation()
        .flatMap(Validation::repeats)
        .ifPresent(
            repeats ->
                out.printf(
                    "Repeats of one launch lie %.2f %% from their mean (p95 %.2f %%): no model comes closer.%n",
                    repeats.meanPercent(), repeats.p95Percent()));
    if (prefills.size() < rows.size()) {
      out.printf("%d decode rows were left out.%n", rows.size() - prefills.size());
    }
    if (source.gpu) {
      out.printf("Rows   %s%n", rowsFile);
    }
    out.printf("Table  %s%n", output);
    out.flush();
    return ExitCode.GOOD;
  }

  private int calibrateDecode(Path rowsFile) throws IOException {
    if (folds != SplitKvFitter.FOLDS) {
      throw usage(
          "--folds (%d) of decode steps is always %d.\nMaybe leave it out."
              .formatted(folds, SplitKvFitter.FOLDS));
    }
    List<SplitKvRow> rows = SplitKvRows.read(rowsFile);
    SplitKvTable table =
        SplitKvFitter.fit(
            name.orElseGet(this::outputName),
            "%d decode steps, PyTorch %s beside them, in %s, timed by %s; constants with the smallest mean relative error."
                .formatted(
                    rows.size(),
                    rows.getFirst().torch(),
                    rows.getFirst().dtype(),
                    rows.getFirst().timing()),
            multiprocessorsOf(rows.getFirst().gpu()),
            rows);
    JsonFile.write(output, table);
    PrintWriter out = spec.commandLine().getOut();
    out.println("On the rows that it was fitted to:");
    out.print(
        ErrorTable.of(
            RowErrors.ofSteps(
                DecodeRows.read(rowsFile).stream().map(new StepPricer(table)::price).toList())));
    out.printf(
        "%nOn rows held out of the fit, %d folds: mean %.2f %%, p95 %.2f %%; rounds of a row lie %.2f %% apart.%n",
        SplitKvFitter.FOLDS,
        table.crossValidated().meanPercent(),
        table.crossValidated().p95Percent(),
        table.noise().meanPercent());
    out.printf("Table  %s%n", output);
    out.flush();
    return ExitCode.GOOD;
  }

  private List<Launch> launches() {
    return launchesFile
        .map(file -> prefillsOf(file).stream().map(LaunchRow::launch).toList())
        .orElseGet(CalibrationLaunches::all);
  }

  private static List<LaunchRow> prefillsOf(Path file) {
    return MeasuredRows.launches(file).stream()
        .filter(row -> row.launch().phase() == Phase.PREFILL)
        .toList();
  }

  private Path measuredRows() throws IOException {
    Gpu gpu = GpuSupport.required();
    measuredMultiprocessors = Optional.of(gpu.multiprocessors());
    List<GpuMeasurement.Row> rows =
        Sparseplan.of(spec)
            .progress(quiet, spec.commandLine().getErr())
            .during("measure", progress -> GpuMeasurement.measure(gpu, launches(), progress));
    Path file = output.resolveSibling(outputName() + ".rows.jsonl");
    GpuMeasurement.write(file, rows);
    return file;
  }

  private int multiprocessorsOf(String gpu) {
    if (multiprocessors.isPresent()) {
      int given = multiprocessors.get();
      if (given < 1 || given > Occupancy.MOST_MULTIPROCESSORS) {
        throw usage(
            "--multiprocessors (%d) must be in 1..%d.\nMaybe give 132, of an H100 SXM."
                .formatted(given, Occupancy.MOST_MULTIPROCESSORS));
      }
      return given;
    }
    return measuredMultiprocessors
        .or(() -> PublishedPeaks.of(gpu).map(PublishedPeaks::multiprocessors))
        .orElseThrow(
            () ->
                new BadInputException(
                    "The multiprocessors of the GPU (%s) are not known.".formatted(gpu),
                    "say them with --multiprocessors."));
  }

  private String outputName() {
    String file = String.valueOf(output.getFileName());
    int dot = file.lastIndexOf('.');
    return dot > 0 ? file.substring(0, dot) : file;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
