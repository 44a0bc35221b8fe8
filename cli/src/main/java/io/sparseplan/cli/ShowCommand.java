package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.PlanSchema;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan show}. */
@Command(
    name = "show",
    description = "Prints the plan's JSON Schema, the shipped device tables, or the candidates.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  /** What can be shown. */
  enum What {
    SCHEMA,
    DEVICES,
    CANDIDATES
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "WHAT", description = "One of ${COMPLETION-CANDIDATES}.")
  private What what;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    switch (what) {
      case SCHEMA -> out.print(PlanSchema.text());
      case DEVICES -> {
        for (String name : DeviceTable.shippedNames()) {
          DeviceTable table = DeviceTable.resolve(name);
          out.printf(
              "%s%s  %s, %s%n",
              name,
              name.equals(DeviceTable.DEFAULT) ? " (default)" : "",
              table.gpu(),
              table.kernel());
        }
      }
      case CANDIDATES -> CandidateSet.standard().stream().map(Pattern::label).forEach(out::println);
    }
    out.flush();
    return ExitCode.GOOD;
  }
}
