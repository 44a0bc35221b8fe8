package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are told to stop, and runs that cannot write what they made. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledOnOs(OS.LINUX)
final class InterruptionTest {
  private static final int PROMPTS = 6;

  @TempDir static Path directory;
  private Path candidates;
  private Path whole;

  @BeforeAll
  void profileAtOnce() throws IOException {
    candidates = directory.resolve("candidates.json");
    CandidateSet standard = CandidateSet.standard();
    JsonFile.write(
        candidates,
        new CandidateSet(standard.schemaVersion(), standard.candidates().subList(0, 3)));
    whole = directory.resolve("whole.profile");
    CommandRun.of(profile(whole)).succeeded();
  }

  private Object[] profile(Path output) {
    return new Object[] {
      "profile",
      CommandRun.LLAMA_1M,
      "--lengths=512",
      "--limit-per-length=" + PROMPTS,
      "--candidates",
      candidates,
      "--threads=1",
      "-o",
      output
    };
  }

  @ParameterizedTest
  @CsvSource({"TERM,143", "INT,130"})
  void finishedPromptsOutliveASignal(String signal, int exitCode) throws Exception {
    Path output = directory.resolve(signal + ".profile");
    Path parts = ProfileJournal.directoryOf(output);
    Path log = directory.resolve(signal + ".log");
    // A shell starts what runs in the background with Ctrl-C ignored, and this with it.
    var command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
    command.addAll(ForkedRun.command(profile(output)));
    Process run =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    while (run.isAlive() && finished(parts) == 0) {
      Thread.sleep(2);
    }
    new ProcessBuilder("kill", "-" + signal, String.valueOf(run.pid())).start().waitFor();
    assertThat(run.waitFor()).as(Files.readString(log)).isEqualTo(exitCode);
    assertThat(log).content().doesNotContain("sparseplan:", "Exception");
    assertThat(output).doesNotExist();
    long finished = finished(parts);
    assertThat(finished).isBetween(1L, PROMPTS - 1L);
    assertThat(names(parts)).as("nothing half written").noneMatch(name -> name.startsWith("."));
    CommandRun resumed = CommandRun.of(profile(output)).succeeded();
    assertThat(resumed.out()).contains("Resumed  %d of them".formatted(finished));
    assertThat(parts).doesNotExist();
    assertThat(ProfileBytes.withoutRun(output)).isEqualTo(ProfileBytes.withoutRun(whole));
  }

  private static long finished(Path parts) throws IOException {
    return Files.isDirectory(parts)
        ? names(parts).stream().filter(name -> name.matches("[0-9a-f]{64}\\.profile")).count()
        : 0;
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void aFileThatDoesNotFitLeavesTheOldOne() throws Exception {
    Path full = Files.createDirectory(directory.resolve("full"));
    Path plan = full.resolve("plan.json");
    Object[] search = {"search", whole, "--max-time=0.9", "-o", plan};
    CommandRun.of(search).succeeded();
    byte[] before = Files.readAllBytes(plan);
    assertThat(before).hasSizeGreaterThan(2 * 1024);
    // Two blocks of 512 bytes, or of 1024: what a full disk does, without one.
    var command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 2; exec \"$@\"", "sh"));
    List<String> java = ForkedRun.command(search);
    command.add(java.getFirst());
    // Its file of performance counters would not fit either.
    command.add("-XX:-UsePerfData");
    command.addAll(java.subList(1, java.size()));
    Path err = directory.resolve("full.err");
    Process run =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(run.waitFor()).as(Files.readString(err)).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(err)
        .content()
        .contains(plan + ": File too large", "Maybe check")
        .doesNotContain("\tat ");
    assertThat(plan).hasBinaryContent(before);
    assertThat(names(full)).containsExactly("plan.json");
  }

  @Test
  void aDirectoryThatNobodyCanWriteToIsRefusedBeforeTheWork() throws IOException {
    // What root may write to as little as others.
    Path readOnly = Path.of("/proc/sparseplan");
    CommandRun.of(profile(readOnly.resolve("m.profile"))).failedToWrite(readOnly);
    CommandRun.of("tune", CommandRun.LLAMA_1M, "--max-time=0.5", "--lengths=512", "-o", readOnly)
        .failedToWrite(readOnly);
    Path file = Files.writeString(directory.resolve("file"), "mine");
    CommandRun.of("tune", CommandRun.LLAMA_1M, "--max-time=0.5", "--lengths=512", "-o", file)
        .failedToWrite(file);
    assertThat(file).hasContent("mine");
  }
}
