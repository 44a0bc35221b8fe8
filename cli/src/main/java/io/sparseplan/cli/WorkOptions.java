package io.sparseplan.cli;

import io.sparseplan.plans.file.Run;
import io.sparseplan.profiler.Workers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How the work is done, and the record of it. */
final class WorkOptions {
  private static final int MOST_THREADS = 1024;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--threads",
      paramLabel = "T",
      description = "Worker threads; results do not depend on it (default: all processors).")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress.")
  private boolean quiet;

  private final long startedNanos = System.nanoTime();

  Workers workers() {
    int count = threadCount();
    if (count < 1 || count > MOST_THREADS) {
      throw new CommandLine.ParameterException(
          command.commandLine(),
          "--threads (%d) must be in 1..%d.\nMaybe leave it out.".formatted(count, MOST_THREADS));
    }
    return new Workers(count);
  }

  ProgressDisplay progress() {
    return Sparseplan.of(command).progress(quiet, command.commandLine().getErr());
  }

  /** Says on the side what a user may not expect. */
  void tell(String sentence) {
    Sparseplan.of(command).tell(sentence, command.commandLine().getErr());
  }

  /** The record of this run up to now. */
  Supplier<Run> run() {
    return () ->
        new Run(
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            host(),
            threadCount(),
            (System.nanoTime() - startedNanos) / 1_000_000,
            commandText());
  }

  private int threadCount() {
    return threads.orElse(Runtime.getRuntime().availableProcessors());
  }

  /** The arguments as the user gave them, quoted for a shell. */
  private String commandText() {
    return command.root().commandLine().getParseResult().originalArgs().stream()
        .map(WorkOptions::quoted)
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String argument) {
    return argument.matches("[A-Za-z0-9_@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
