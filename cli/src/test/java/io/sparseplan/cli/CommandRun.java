package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;

/** One run of the command within this process. */
record CommandRun(int exitCode, String out, String err) {
  static final Path LLAMA_1M = Path.of("..", "models", "llama-1m");

  static CommandRun of(Object... arguments) {
    return in(Map.of(), arguments);
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
