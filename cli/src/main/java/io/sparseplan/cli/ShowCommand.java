package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.PlanSchema;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan show}. */
@Command(
    name = "show",
    description =
        "Prints the plan's JSON Schema, the shipped device tables and runtimes, or the candidates.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  /** What can be shown. */
  enum What {
    SCHEMA,
    DEVICES,
    RUNTIMES,
    CANDIDATES
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "WHAT", description = "One of ${COMPLETION-CANDIDATES}.")
  private What what;

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description =
          "One of ${COMPLETION-CANDIDATES}; JSON is for candidates, the file that --candidates"
              + " reads.")
  private OutputFormat format;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    switch (what) {
      case SCHEMA -> out.print(PlanSchema.text());
      case DEVICES -> {
        for (String name : DeviceTable.shippedNames()) {
          DeviceTable table = DeviceTable.resolve(name);
          out.printf(
              "%s%s  %s, %s%s%n",
              name,
              name.equals(DeviceTable.DEFAULT) ? " (default)" : "",
              table.gpu(),
              table.kernel(),
              table
                  .notMeasured()
                  .map(scaled -> "; not measured on this GPU, scaled from " + scaled.scaledFrom())
                  .orElse(""));
        }
      }
      case RUNTIMES -> {
        for (String name : AttentionRuntime.shippedNames()) {
          out.println(RuntimeText.of(AttentionRuntime.resolve(name)));
        }
      }
      case CANDIDATES -> showCandidates(out);
    }
    out.flush();
    return ExitCode.GOOD;
  }

  private void showCandidates(PrintWriter out) {
    CandidateSet set = CandidateSet.standard();
    switch (format) {
      case TABLE -> set.candidates().stream().map(Pattern::label).forEach(out::println);
      case JSON -> out.println(JsonFile.pretty(set));
    }
  }
}
