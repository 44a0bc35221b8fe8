package io.sparseplan.cli;

import io.sparseplan.plans.plan.HeadCsv;
import io.sparseplan.plans.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan export}. */
@Command(
    name = "export",
    description = "Writes a plan's heads as CSV, one row a head.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PLAN", description = "The plan.json to export.")
  private Path planFile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write (default: standard output).")
  private Optional<Path> output = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Plan plan = Plan.read(planFile);
    var text = new StringBuilder();
    HeadCsv.write(plan, text);
    TextOutput.write(text.toString(), output, spec.commandLine().getOut());
    return ExitCode.GOOD;
  }
}
