package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that are killed at random moments leave of each file the old one or the new one, and
 * given again come to the same bytes, with nothing left beside them. {@link ProfileTest} kills
 * {@code profile}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KillTest {
  /** How often each verb is killed: once with every build, more by hand. */
  private static final int KILLS = Integer.getInteger("sparseplan.kills", 1);

  private static final long SEED = 20261123;

  @TempDir static Path directory;
  private Path candidates;
  private Path old;
  private Path tuned;

  @BeforeAll
  void tuneTwice() throws IOException {
    candidates = directory.resolve("candidates.json");
    CandidateSet standard = CandidateSet.standard();
    JsonFile.write(
        candidates,
        new CandidateSet(standard.schemaVersion(), standard.candidates().subList(0, 5)));
    old = directory.resolve("old");
    CommandRun.of(tune(old, "--max-time=0.9", "--limit-per-length=1")).succeeded();
    tuned = directory.resolve("tuned");
    CommandRun.of(newTune(tuned)).succeeded();
  }

  private Object[] newTune(Path output) {
    return tune(output, "--max-time=0.8", "--limit-per-length=2");
  }

  private Object[] tune(Path output, String goal, String prompts) {
    return new Object[] {
      "tune",
      CommandRun.LLAMA_1M,
      goal,
      "--lengths=512",
      prompts,
      "--candidates",
      candidates,
      "-o",
      output
    };
  }

  @Test
  void tune() throws Exception {
    Path output = directory.resolve("tune");
    kill(output, ResultFiles.contents(old), ResultFiles.contents(tuned), newTune(output));
  }

  @Test
  void search() throws Exception {
    Path output = directory.resolve("search");
    kill(
        output,
        only("plan.json", ResultFiles.contents(old)),
        only("plan.json", ResultFiles.contents(tuned)),
        "search",
        tuned.resolve("model.profile"),
        "--max-time=0.8",
        "--lengths=512",
        "-o",
        output.resolve("plan.json"));
  }

  @Test
  void report() throws Exception {
    Path output = directory.resolve("report");
    kill(
        output,
        only("report.html", ResultFiles.contents(old)),
        only("report.html", ResultFiles.contents(tuned)),
        "report",
        tuned.resolve("plan.json"),
        "--profile",
        tuned.resolve("model.profile"),
        "--evaluation",
        tuned.resolve("evaluation.json"),
        "-o",
        output.resolve("report.html"));
  }

  @Test
  @Tag("by-hand")
  void retune() throws Exception {
    Path wanted = directory.resolve("retuned");
    CommandRun.of(retune(wanted)).succeeded();
    Path output = directory.resolve("retune");
    kill(output, ResultFiles.contents(old), ResultFiles.contents(wanted), retune(output));
  }

  private Object[] retune(Path output) {
    return new Object[] {
      "retune",
      CommandRun.LLAMA_1M,
      "--from",
      tuned.resolve("plan.json"),
      "--lengths=512",
      "--limit-per-length=2",
      "--candidates",
      candidates,
      "-o",
      output
    };
  }

  @Test
  @Tag("by-hand")
  void evaluate() throws Exception {
    Path wanted = Files.createDirectory(directory.resolve("evaluated"));
    CommandRun.of(evaluate(wanted)).succeeded();
    Path output = directory.resolve("evaluate");
    kill(
        output,
        only("evaluation.json", ResultFiles.contents(old)),
        ResultFiles.contents(wanted),
        evaluate(output));
  }

  private Object[] evaluate(Path output) {
    return new Object[] {
      "evaluate",
      CommandRun.LLAMA_1M,
      "--plan",
      tuned.resolve("plan.json"),
      "--lengths=512",
      "-o",
      output.resolve("evaluation.json")
    };
  }

  /**
   * Kills the command so many times at moments of the time that it takes whole, each time where the
   * kill before it left it, and lets it finish then.
   *
   * @param before of the files that lie in the output directory when it begins
   * @param after of those that it makes of them
   */
  private void kill(
      Path output, Map<String, String> before, Map<String, String> after, Object... arguments)
      throws Exception {
    begin(output, before);
    long startedNanos = System.nanoTime();
    assertThat(fork(arguments).waitFor()).isZero();
    long wholeNanos = System.nanoTime() - startedNanos;
    assertFinished(output, after);
    begin(output, before);
    var random = new Random(SEED);
    for (int kills = 0; kills < KILLS; ) {
      Process run = fork(arguments);
      if (run.waitFor((long) (random.nextDouble() * wholeNanos), TimeUnit.NANOSECONDS)) {
        assertThat(run.exitValue()).isZero();
        assertFinished(output, after);
        begin(output, before);
      } else {
        run.destroyForcibly().waitFor();
        kills++;
        ResultFiles.contents(output)
            .forEach(
                (name, content) ->
                    assertThat(content).as(name).isIn(before.get(name), after.get(name)));
        assertThat(ResultFiles.contents(output))
            .containsKeys(before.keySet().toArray(String[]::new));
      }
    }
    CommandRun.of(arguments).succeeded();
    assertFinished(output, after);
  }

  /** Lays the old files there, and nothing else. */
  private void begin(Path output, Map<String, String> before) throws IOException {
    Files.createDirectories(output);
    for (Path file : ResultFiles.all(output)) {
      Files.delete(file);
    }
    for (String name : before.keySet()) {
      Files.copy(old.resolve(name), output.resolve(name));
    }
  }

  private static void assertFinished(Path output, Map<String, String> after) throws IOException {
    assertThat(ResultFiles.contents(output)).isEqualTo(after);
    assertThat(ResultFiles.all(output)).hasSize(after.size());
  }

  private static Process fork(Object... arguments) throws IOException {
    return new ProcessBuilder(ForkedRun.command(arguments))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("killed.log").toFile())
        .start();
  }

  private static Map<String, String> only(String name, Map<String, String> contents) {
    return Map.of(name, contents.get(name));
  }
}
