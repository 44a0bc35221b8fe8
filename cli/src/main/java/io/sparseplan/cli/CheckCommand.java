package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sparseplan check}: may a published plan go on to be used? */
@Command(
    name = "check",
    description = {
      "Says whether a published plan may be used with a model.",
      "By the cheapest means: the same weights, at once; other heads, at once that it may not; "
          + "else it profiles a few prompts, says which heads attend otherwise than before, prices "
          + "and evaluates the plan, and asks every gate of the budget. Exits with 0 if the plan may "
          + "be used, 1 if a gate failed or the heads are others."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelParameter model;
  @Mixin private BaselineOptions baseline;

  @Option(
      names = "--budget",
      paramLabel = "FILE",
      required = true,
      description = "The gates, with their limits and levels (docs/ci.md).")
  private Path budgetFile;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Prompts, among them those of the digest (default: MODEL/prompts-calibration.jsonl or"
              + " .jsonl.gz).")
  private Optional<Path> prompts = Optional.empty();

  @Option(
      names = "--limit-per-length",
      paramLabel = "K",
      defaultValue = "2",
      description =
          "Evaluate on K prompts of each length of the plan, such that it was not made from where"
              + " there are some (default: ${DEFAULT-VALUE}).")
  private int limitPerLength;

  @Option(
      names = "--device",
      paramLabel = "NAME|FILE",
      description = "Device table to price with (default: that of the plan).")
  private Optional<String> device = Optional.empty();

  @Mixin private BackendOption backends;
  @Mixin private WorkOptions work;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private OutputFormat format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Also write the result as JSON.")
  private Optional<Path> output = Optional.empty();

  @Mixin private GateFiles files;

  @Override
  public Integer call() throws IOException {
    if (limitPerLength < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--limit-per-length (%d) must be positive.\nMaybe leave it out."
              .formatted(limitPerLength));
    }
    Plan plan = baseline.plan();
    Budget budget = Budget.read(budgetFile);
    ModelDirectory directory = model.open();
    DeviceTable table = DeviceTable.resolve(device.orElse(plan.device().name()));
    CheckReport report;
    try (Workers workers = work.workers()) {
      report =
          new PlanCheck(plan, budget, directory, table, prompts, limitPerLength)
              .run(() -> baseline.digest(plan), backends::gpu, workers, work);
    }
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TABLE -> out.print(CheckText.of(report, baseline.planFile()));
      case JSON -> out.println(JsonFile.pretty(report));
    }
    out.flush();
    if (output.isPresent()) {
      report.write(output.get());
    }
    files.write(report, baseline.planFile());
    return report.mayBeUsed() ? ExitCode.GOOD : ExitCode.GATE_FAILED;
  }
}
