package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.search.NoFeasiblePlanException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

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
    })
public final class Sparseplan {
  private static final List<Class<? extends Callable<Integer>>> VERBS =
      List.of(
          TuneCommand.class,
          ProfileCommand.class,
          SearchCommand.class,
          EvaluateCommand.class,
          CompareCommand.class,
          LinkCommand.class,
          PriceCommand.class,
          CalibrateCommand.class,
          ReportCommand.class,
          DiffCommand.class,
          CheckCommand.class,
          RetuneCommand.class,
          ImportCommand.class,
          ExportCommand.class,
          ShowCommand.class,
          DoctorCommand.class);

  private final RunMetrics metrics = new RunMetrics();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "Options by their names, YAML or JSON (default: sparseplan.yaml, .yml or .json here;"
              + " docs/configuration.md).")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--print-config",
      scope = ScopeType.INHERIT,
      description = "Print every option with its value and where that comes from, and do nothing.")
  private boolean printConfig;

  @Option(
      names = "--log-level",
      paramLabel = "L",
      defaultValue = "WARN",
      scope = ScopeType.INHERIT,
      description =
          "What is said on stderr: error, warn, info, what each stage took; debug, what lies behind"
              + " errors (default: warn).")
  private LogLevel logLevel = LogLevel.WARN;

  @Option(
      names = "--progress",
      paramLabel = "F",
      defaultValue = "AUTO",
      scope = ScopeType.INHERIT,
      description =
          "auto: a bar where stderr is a terminal; bar; json, a JSON object a line for programs; or"
              + " none (default: auto).")
  private ProgressDisplay.Form progress = ProgressDisplay.Form.AUTO;

  @Option(
      names = "--metrics",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Write time and peak memory by stage as JSON, also where the run fails.")
  private Optional<Path> metricsFile = Optional.empty();

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(args));
  }

  /** Picocli maps exceptions to exit codes; errors of the virtual machine are mapped here. */
  private static int run(String... args) {
    var out = new StandardOutput();
    try {
      CommandLine command =
          commandLineFor(args)
              .setOut(new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)));
      int code = execute(command, System.getenv(), args);
      command.getOut().flush();
      return arrived(out) ? code : lost(out, code);
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

  private static boolean arrived(StandardOutput out) {
    return out.failure().isEmpty();
  }

  /** A result that did not arrive is no success. */
  private static int lost(StandardOutput out, int code) {
    if (out.isClosedByReader()) {
      return ExitCode.CLOSED_PIPE;
    }
    System.err.printf(
        "sparseplan: Standard output cannot be written to: %s.%nMaybe check the free space.%n",
        out.failure().orElseThrow().getMessage());
    return code == ExitCode.GOOD ? ExitCode.BAD_INPUT : code;
  }

  /** The configured command with all verbs. */
  static CommandLine commandLine() {
    return commandLine(VERBS);
  }

  /**
   * The configured command with the verbs that the arguments may mean; all, where they name none or
   * ask for help. Making all of them takes longer than what many a verb does.
   */
  static CommandLine commandLineFor(String... arguments) {
    Set<String> words = new HashSet<>(Arrays.asList(arguments));
    List<Class<? extends Callable<Integer>>> named =
        VERBS.stream()
            .filter(verb -> words.contains(verb.getAnnotation(Command.class).name()))
            .toList();
    boolean isForAll =
        named.isEmpty()
            || words.contains("--help")
            || words.contains("-h")
            || words.stream().anyMatch(word -> word.startsWith("@"));
    return commandLine(isForAll ? VERBS : named);
  }

  private static CommandLine commandLine(List<Class<? extends Callable<Integer>>> verbs) {
    var command = new CommandLine(new Sparseplan());
    verbs.forEach(command::addSubcommand);
    return command
        .registerConverter(Tokens.class, new LengthConverter())
        .registerConverter(Extents.class, new ExtentsConverter())
        .registerConverter(LossKind.class, new LossKindConverter())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExitCodeExceptionMapper(Sparseplan::exitCode)
        .setExecutionExceptionHandler(Sparseplan::explain);
  }

  /** Completes the command line from the environment and a file, and runs it. */
  static int execute(CommandLine command, Map<String, String> environment, String... args) {
    String[] completed;
    try {
      Configuration configuration = Configuration.of(command, args, environment, Path.of(""));
      completed = configuration.completed();
      if (configuration.isToBePrinted()) {
        command.getOut().print(configuration.text());
        command.getOut().flush();
        return ExitCode.GOOD;
      }
    } catch (BadInputException e) {
      command.getErr().println("sparseplan: " + e.getMessage());
      return ExitCode.BAD_INPUT;
    }
    int code = command.execute(completed);
    return of(command.getCommandSpec()).finished(code, command.getErr());
  }

  /** The root of a verb's command. */
  static Sparseplan of(CommandSpec command) {
    return (Sparseplan) command.root().userObject();
  }

  /** The file that --config names. */
  Optional<Path> config() {
    return config;
  }

  /** Says on the side what a user may not expect, in the form that progress has. */
  void tell(String sentence, PrintWriter err) {
    err.println(
        progress == ProgressDisplay.Form.JSON
            ? JsonFile.mapper().writeValueAsString(new Notice(sentence))
            : sentence);
    err.flush();
  }

  private record Notice(String notice) {}

  /** How stages show their progress. */
  ProgressDisplay progress(boolean quiet, PrintWriter err) {
    return new ProgressDisplay(
        quiet ? ProgressDisplay.Form.NONE : progress, logLevel, metrics, err);
  }

  private int finished(int code, PrintWriter err) {
    if (metricsFile.isEmpty()) {
      return code;
    }
    try {
      metrics.write(metricsFile.get(), code);
      return code;
    } catch (IOException e) {
      err.println(cannotWrite(e));
      return code == ExitCode.GOOD ? ExitCode.BAD_INPUT : code;
    }
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
    if (exitCode(e) != ExitCode.BUG && of(command.getCommandSpec()).logLevel.says(LogLevel.DEBUG)) {
      e.printStackTrace(err);
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
