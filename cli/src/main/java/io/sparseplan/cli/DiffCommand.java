package io.sparseplan.cli;

import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.text.DiffText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan diff}. */
@Command(
    name = "diff",
    description = "Says what changes from one plan to another: heads, loss and times.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "BASELINE", description = "A plan.json or its report.html.")
  private Path baseline;

  @Parameters(index = "1", paramLabel = "PLAN", description = "A plan.json or its report.html.")
  private Path plan;

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write (default: standard output).")
  private Optional<Path> output = Optional.empty();

  /** How a difference is printed. */
  enum Format {
    TABLE,
    MD
  }

  @Override
  public Integer call() throws IOException {
    HeadPlan before = read(baseline);
    HeadPlan after = read(plan);
    String text =
        before instanceof Plan searchedBefore && after instanceof Plan searchedAfter
            ? text(PlanDiff.between(searchedBefore, searchedAfter))
            : PatternDiff.text(before, after);
    TextOutput.write(text, output, spec.commandLine().getOut());
    return ExitCode.GOOD;
  }

  private String text(PlanDiff diff) {
    return switch (format) {
      case TABLE -> DiffText.plain(diff);
      case MD -> DiffText.markdown(diff);
    };
  }

  /** A page holds its plan, so it is as good as the plan's own file. */
  private static HeadPlan read(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".html")
        ? ReportPage.readData(file).plan()
        : HeadPlan.read(file);
  }
}
