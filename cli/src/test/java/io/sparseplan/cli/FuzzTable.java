package io.sparseplan.cli;

import io.sparseplan.cli.Fuzzing.Extent;
import io.sparseplan.cli.Fuzzing.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Fuzzes intakes one after another and prints a line for each: {@code bin/fuzz EXECUTIONS
 * [INTAKE...]}.
 */
public final class FuzzTable {
  private static final String LINE = "%-20s %12s %12s %10s %10s%n";

  private FuzzTable() {}

  /**
   * @param args the directory to work in, executions for each intake, then names of intakes; none
   *     for all
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Path.of(args[0]);
    var extent = new Extent.Executions(Long.parseLong(args[1]));
    List<Intake> intakes =
        args.length == 2 ? Intake.all() : Arrays.stream(args).skip(2).map(Intake::named).toList();
    boolean isClean = true;
    System.out.printf(LINE, "intake", "executions", "per second", "branches", "findings");
    for (Intake intake : intakes) {
      Path own = directory.resolve(intake.name());
      Outcome outcome = new Fuzzing(List.of(intake), own).run(extent);
      isClean &= outcome.isClean();
      System.out.printf(
          LINE,
          intake.name(),
          text(outcome.executions()),
          text(outcome.perSecond()),
          text(outcome.branches()),
          outcome.findings().size());
      outcome.findings().forEach(finding -> System.out.println("  " + finding));
      if (outcome.executions().isEmpty()) {
        System.out.println("  It did not come to its end: see the log in " + own + ".");
      }
    }
    System.exit(isClean ? 0 : 1);
  }

  private static String text(OptionalLong number) {
    return number.isPresent() ? "%,d".formatted(number.getAsLong()) : "-";
  }
}
