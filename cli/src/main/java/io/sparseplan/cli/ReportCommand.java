package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.text.MarkdownReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    var input =
        new ReportInput(
            Plan.read(planFile),
            profileFile.map(Profile::read),
            evaluationFile.map(Evaluation::read),
            baselineFile.map(Plan::read));
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
}
