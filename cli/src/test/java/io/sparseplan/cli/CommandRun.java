package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;

/** One run of the command within this process. */
record CommandRun(int exitCode, String out, String err) {
  /** What is instead of a model, and refuses options that a model has. */
  private static final Set<String> BESIDE_MODELS = Set.of("--merge", "--capture");

  static final Path LLAMA_1M = Path.of("..", "models", "llama-1m");

  private static final Map<String, String> ON_CPU = Map.of("SPARSEPLAN_BACKEND", "cpu");

  /** On the CPU, where the arguments say nothing else, so that results are those of any machine. */
  static CommandRun of(Object... arguments) {
    boolean runsNoModel = Arrays.asList(arguments).stream().anyMatch(BESIDE_MODELS::contains);
    return in(runsNoModel ? Map.of() : ON_CPU, arguments);
  }

  /** With these environment variables. */
  static CommandRun in(Map<String, String> environment, Object... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    CommandLine command =
        Sparseplan.commandLineFor(texts).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = Sparseplan.execute(command, environment, texts);
    return new CommandRun(code, out.toString(), err.toString());
  }

  CommandRun succeeded() {
    assertThat(exitCode).as(err).isEqualTo(ExitCode.GOOD);
    assertThat(err).isEmpty();
    return this;
  }

  /** Failed with that code and one clear message. */
  CommandRun failed(int code, String named) {
    assertThat(exitCode).as(out + err).isEqualTo(code);
    assertThat(err)
        .contains(named)
        .contains("\nMaybe ")
        .doesNotContain("\tat ")
        .doesNotContain("Exception");
    assertThat(out).isEmpty();
    return this;
  }

  /** Failed because there is no place for its files, which are named. */
  CommandRun failedToWrite(Path place) {
    assertThat(exitCode).as(out + err).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(err)
        .contains("A file cannot be read or written: ")
        .contains(place.toString())
        .contains("\nMaybe ")
        .doesNotContain("\tat ");
    assertThat(out).isEmpty();
    return this;
  }
}
