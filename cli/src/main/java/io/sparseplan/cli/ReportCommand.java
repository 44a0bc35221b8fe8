package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.source.ChartedCurve;
import io.sparseplan.report.source.PlanDevice;
import io.sparseplan.report.source.Validation;
import io.sparseplan.report.text.ImportedReport;
import io.sparseplan.report.text.MarkdownReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan report}. */
@Command(
    name = "report",
    description = "Writes a plan to review: one HTML file, or Markdown for a comment on a change.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ReportCommand implements Callable<Integer> {
  private static final Path DEFAULT_PAGE = Path.of("report.html");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PLAN", description = "The plan.json to show.")
  private Path planFile;

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      description = "The profile that the plan was made from, for what was measured of its heads.")
  private Optional<Path> profileFile = Optional.empty();

  @Option(
      names = "--evaluation",
      paramLabel = "FILE",
      description = "The plan's evaluation, for measured figures.")
  private Optional<Path> evaluationFile = Optional.empty();

  @Option(
      names = "--baseline",
      paramLabel = "PLAN",
      description = "The plan that this one would replace, to show what changes.")
  private Optional<Path> baselineFile = Optional.empty();

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description = "What compare -o wrote for the same goal: the plans of peers, as baselines.")
  private Optional<Path> comparisonFile = Optional.empty();

  @Option(
      names = "--curve",
      paramLabel = "FILE",
      description = "The curve that search --pareto wrote, with its plans beside it, to explore.")
  private Optional<Path> curveFile = Optional.empty();

  @Option(
      names = "--validation",
      paramLabel = "FILE",
      description = "What price --rows --format json printed for measured rows.")
  private Optional<Path> validationFile = Optional.empty();

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description =
          "Of an imported plan, whose file names none, the lengths to show (default: those of"
              + " --profile, else 4096,32768).")
  private List<Tokens> lengths = List.of();

  @Option(
      names = "--device",
      paramLabel = "NAME|FILE",
      description =
          "The device table that the plan was priced with (default: the one it names; of an imported"
              + " plan "
              + DeviceTable.DEFAULT
              + ").")
  private Optional<String> device = Optional.empty();

  @Option(
      names = "--target",
      paramLabel = "NAME|FILE",
      description = "The runtime that the plan was priced for (default: the one it names).")
  private Optional<String> target = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where to write (default: report.html for the page, standard output for Markdown).")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--format",
      defaultValue = "HTML",
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format;

  /** What a report is written as. */
  enum Format {
    HTML,
    MD
  }

  @Override
  public Integer call() throws IOException {
    if (HeadPlan.read(planFile) instanceof ImportedPlan imported) {
      report(imported);
      return ExitCode.GOOD;
    }
    if (!lengths.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--lengths is of imported plans; this one names its own.\nMaybe leave it out.");
    }
    Plan plan = Plan.read(planFile);
    var input =
        new ReportInput(
            plan,
            profileFile.map(Profile::read),
            evaluationFile.map(Evaluation::read),
            baselineFile.map(Plan::read),
            pricedWith(plan),
            comparisonFile.map(Comparison::read),
            curveFile.map(ChartedCurve::read),
            validationFile.map(Validation::read));
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case HTML -> {
        Path page = output.orElse(DEFAULT_PAGE);
        AtomicFile.write(page, bytes -> ReportPage.write(input, bytes));
        out.printf("Report   %s%n", page);
      }
      case MD -> TextOutput.write(MarkdownReport.of(input), output, out);
    }
    return ExitCode.GOOD;
  }

  private void report(ImportedPlan plan) throws IOException {
    if (Stream.of(baselineFile, comparisonFile, curveFile, validationFile)
        .anyMatch(Optional::isPresent)) {
      throw new ParameterException(
          spec.commandLine(),
          "The plan (%s) was imported from %s; --baseline, --compare, --curve and --validation are of searched plans.\nMaybe leave them out."
              .formatted(planFile, plan.imported().format()));
    }
    var input =
        ImportedPlans.input(
            plan,
            new PlanDevice(
                DeviceTable.resolve(device.orElse(DeviceTable.DEFAULT)),
                target.map(AttentionRuntime::resolve).orElse(AttentionRuntime.KERNEL_ALONE)),
            lengths,
            profileFile.map(Profile::read),
            evaluationFile.map(Evaluation::read));
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case HTML -> {
        Path page = output.orElse(DEFAULT_PAGE);
        byte[] html = ImportedReport.html(input).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(page, bytes -> bytes.write(html));
        out.printf("Report   %s%n", page);
      }
      case MD -> TextOutput.write(ImportedReport.markdown(input), output, out);
    }
  }

  private Optional<PlanDevice> pricedWith(Plan plan) {
    if (device.isEmpty() && target.isEmpty()) {
      return PlanDevice.shipped(plan);
    }
    DeviceTable table = DeviceTable.resolve(device.orElse(plan.device().name()));
    AttentionRuntime runtime =
        target
            .or(() -> Optional.of(plan.device().runtime()))
            .filter(name -> !name.equals(AttentionRuntime.KERNEL_ALONE.name()))
            .map(AttentionRuntime::resolve)
            .orElse(AttentionRuntime.KERNEL_ALONE);
    return Optional.of(new PlanDevice(table, runtime));
  }
}
