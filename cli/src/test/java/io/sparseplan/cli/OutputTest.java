package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Where results, progress and metrics go, and what happens where they cannot. */
final class OutputTest {
  @TempDir Path directory;

  private CommandRun profile(Object... more) {
    Object[] arguments = new Object[7 + more.length];
    Object[] first = {
      "profile",
      CommandRun.LLAMA_1M,
      "--lengths=512",
      "--limit-per-length=1",
      "--family=strided",
      "-o",
      directory.resolve("m.profile")
    };
    System.arraycopy(first, 0, arguments, 0, 7);
    System.arraycopy(more, 0, arguments, 7, more.length);
    return CommandRun.of(arguments);
  }

  @Test
  void twoRunsDoNotWriteToOneDirectory() throws Exception {
    Path output = directory.resolve("out");
    Object[] tune = {
      "tune",
      CommandRun.LLAMA_1M,
      "--max-time=0.5",
      "--lengths=512",
      "--limit-per-length=1",
      "-o",
      output
    };
    try (OutputLock _ = OutputLock.of(output)) {
      Path err = directory.resolve("err");
      Process other =
          new ProcessBuilder(ForkedRun.command(tune))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(err.toFile())
              .start();
      assertThat(other.waitFor()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(err).content().contains("Another run writes to the directory (");
    }
    try (OutputLock _ = OutputLock.of(output);
        var files = Files.list(output)) {
      assertThat(files.map(Path::getFileName).map(Path::toString).toList())
          .containsExactly(".sparseplan.lock");
    }
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void progressIsJsonLinesForPrograms() {
    CommandRun run = profile("--progress=json");
    assertThat(run.exitCode()).isZero();
    List<JsonNode> lines = run.err().lines().map(JsonFile.mapper()::readTree).toList();
    assertThat(lines).isNotEmpty();
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line.path("stage").asString()).isEqualTo("profile");
              assertThat(line.path("done").asDouble()).isBetween(0.0, 1.0);
              assertThat(line.path("elapsedMillis").isIntegralNumber()).isTrue();
            });
    assertThat(lines.getLast().path("done").asDouble()).isEqualTo(1);
    assertThat(lines.getLast().path("remainingMillis").asLong()).isZero();
  }

  @Test
  void metricsHaveTimeAndMemoryOfEachStage() {
    Path file = directory.resolve("metrics.json");
    CommandRun run = profile("--metrics", file, "--log-level=info");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).containsPattern("sparseplan: profile took [0-9]+ ms and at most");
    JsonNode metrics = JsonFile.read(file, JsonNode.class, "metrics");
    assertThat(metrics.path("exitCode").asInt()).isZero();
    assertThat(metrics.path("stages")).hasSize(1);
    assertThat(metrics.path("stages").path(0).path("stage").asString()).isEqualTo("profile");
    assertThat(metrics.path("stages").path(0).path("peakHeapBytes").asLong()).isPositive();
    assertThat(metrics.path("millis").asLong())
        .isGreaterThanOrEqualTo(metrics.path("stages").path(0).path("millis").asLong());
  }

  @Test
  void metricsOfARunThatFailsHaveItsExitCode() {
    Path file = directory.resolve("metrics.json");
    CommandRun run =
        CommandRun.of("search", directory.resolve("no"), "--max-time=0.5", "--metrics", file);
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    JsonNode metrics = JsonFile.read(file, JsonNode.class, "metrics");
    assertThat(metrics.path("exitCode").asInt()).isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void whatLiesBehindAnErrorIsSaidToThoseWhoAsk() {
    Path nowhere = directory.resolve("no");
    assertThat(CommandRun.of("export", nowhere).err()).doesNotContain("NoSuchFileException");
    assertThat(CommandRun.of("export", nowhere, "--log-level=debug").err())
        .contains("does not exist")
        .contains("NoSuchFileException");
  }

  @Test
  void aReaderThatWentAwayIsToldFromAFullDisk() {
    assertThat(failing("Broken pipe").isClosedByReader()).isTrue();
    assertThat(failing("No space left on device").isClosedByReader()).isFalse();
    assertThat(failing("No space left on device").failure()).isPresent();
  }

  private static StandardOutput failing(String message) {
    var out =
        new StandardOutput(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException(message);
              }
            });
    assertThatIOException().isThrownBy(() -> out.write('x'));
    return out;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskAndAClosedPipeHaveTheirExitCodes() throws Exception {
    assertThat(shell("\"$@\" show schema > /dev/full")).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(Files.readString(directory.resolve("err")))
        .contains("Standard output cannot be written to: No space left on device");
    assertThat(shell("(\"$@\" show schema; echo $? >&3) 3>code | true; exit $(cat code)"))
        .isEqualTo(ExitCode.CLOSED_PIPE);
    assertThat(Files.readString(directory.resolve("err"))).doesNotContain("Exception");
  }

  private int shell(String script) throws Exception {
    var command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(ForkedRun.command());
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectError(directory.resolve("err").toFile())
        .start()
        .waitFor();
  }
}
