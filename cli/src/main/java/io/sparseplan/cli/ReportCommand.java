package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import java.io.IOException;
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
    description = "Writes a plan as one HTML file to review.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PLAN", description = "The plan.json to show.")
  private Path planFile;

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      required = true,
      description = "The profile that the plan was made from.")
  private Path profileFile;

  @Option(
      names = "--evaluation",
      paramLabel = "FILE",
      description = "The plan's evaluation, for measured figures.")
  private Optional<Path> evaluationFile = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "report.html",
      description = "Where to write the page (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() throws IOException {
    var input =
        new ReportInput(
            Plan.read(planFile), Profile.read(profileFile), evaluationFile.map(Evaluation::read));
    AtomicFile.write(output, out -> ReportPage.write(input, out));
    spec.commandLine().getOut().printf("Report   %s%n", output);
    return ExitCode.GOOD;
  }
}
