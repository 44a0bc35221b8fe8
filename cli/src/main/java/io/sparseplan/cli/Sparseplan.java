package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.search.NoFeasiblePlanException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code sparseplan}. */
@Command(
    name = "sparseplan",
    description = "Decides, offline, how sparse each attention head of a transformer may be.",
    mixinStandardHelpOptions = true,
    versionProvider = Sparseplan.Version.class,
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    footer = {
      "",
      "Exit codes: 0 good, 1 a gate failed, 2 usage, 3 bad input, 4 no feasible plan, 70 a bug."
    },
    subcommands = {
      TuneCommand.class,
      ProfileCommand.class,
      SearchCommand.class,
      EvaluateCommand.class,
      CompareCommand.class,
      PriceCommand.class,
      CalibrateCommand.class,
      ReportCommand.class,
      DiffCommand.class,
      CheckCommand.class,
      RetuneCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      ShowCommand.class,
      DoctorCommand.class
    })
public final class Sparseplan {
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(args));
  }

  /** Picocli maps exceptions to exit codes; errors of the virtual machine are mapped here. */
  private static int run(String... args) {
    try {
      return commandLine().execute(args);
    } catch (OutOfMemoryError e) {
      System.err.printf(
          "sparseplan: The heap of %d MiB is too small for this model and these prompts.%n"
              + "Maybe raise it: SPARSEPLAN_JAVA_OPTIONS=-Xmx16g, or leave out long prompts with"
              + " --lengths.%n",
          Runtime.getRuntime().maxMemory() >> 20);
      return ExitCode.BAD_INPUT;
    } catch (Throwable e) {
      reportBug(e, new PrintWriter(System.err, true));
      return ExitCode.BUG;
    }
  }

  /** The configured command, for {@link #main} and for tests. */
  static CommandLine commandLine() {
    return new CommandLine(new Sparseplan())
        .registerConverter(Tokens.class, new LengthConverter())
        .registerConverter(Extents.class, new ExtentsConverter())
        .registerConverter(LossKind.class, new LossKindConverter())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExitCodeExceptionMapper(Sparseplan::exitCode)
        .setExecutionExceptionHandler(Sparseplan::explain);
  }

  /** One clear message for what the user can mend; a stack trace for what only we can. */
  private static int explain(Exception e, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    switch (e) {
      case BadInputException bad -> err.println("sparseplan: " + bad.getMessage());
      case NoFeasiblePlanException none -> err.println("sparseplan: " + none.getMessage());
      case IOException io -> err.println(cannotWrite(io));
      case UncheckedIOException io -> err.println(cannotWrite(io.getCause()));
      default -> reportBug(e, err);
    }
    return exitCode(e);
  }

  private static void reportBug(Throwable e, PrintWriter err) {
    err.println("sparseplan: This is a bug in sparseplan " + Tool.THIS.version() + ".");
    e.printStackTrace(err);
  }

  private static String cannotWrite(IOException e) {
    return "sparseplan: A file cannot be read or written: %s: %s.\nMaybe check the path, the rights and the free space."
        .formatted(e.getClass().getSimpleName(), e.getMessage());
  }

  private static int exitCode(Throwable e) {
    return switch (e) {
      case ParameterException usage -> ExitCode.USAGE;
      case BadInputException bad -> ExitCode.BAD_INPUT;
      case NoFeasiblePlanException none -> ExitCode.NO_FEASIBLE_PLAN;
      case IOException io -> ExitCode.BAD_INPUT;
      case UncheckedIOException io -> ExitCode.BAD_INPUT;
      default -> ExitCode.BUG;
    };
  }

  /** The program's version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Tool.THIS.name() + " " + Tool.THIS.version()};
    }
  }
}
