package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Commands that are killed at random moments leave the old file or the new one, and given again
 * come to the same bytes. {@link ProfileTest} kills {@code profile}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KillTest {
  /** How often each verb is killed: once with every build, more by hand. */
  private static final int KILLS = Integer.getInteger("sparseplan.kills", 1);

  private static final long SEED = 20261123;

  /** What the start of a process takes, about. */
  private static final long START_NANOS = 1_000_000_000L;

  @TempDir static Path directory;
  private Path tuned;
  private Path candidates;

  @BeforeAll
  void tuneAtOnce() throws IOException {
    candidates = directory.resolve("candidates.json");
    CandidateSet standard = CandidateSet.standard();
    JsonFile.write(
        candidates,
        new CandidateSet(standard.schemaVersion(), standard.candidates().subList(0, 5)));
    tuned = directory.resolve("tuned");
    CommandRun.of(tune(tuned)).succeeded();
  }

  private Object[] tune(Path output) {
    return new Object[] {
      "tune",
      CommandRun.LLAMA_1M,
      "--max-time=0.8",
      "--lengths=512",
      "--limit-per-length=2",
      "--candidates",
      candidates,
      "-o",
      output
    };
  }

  @Test
  void tune() throws Exception {
    Path output = directory.resolve("tune");
    kill(output, tune(output));
    assertThat(contents(output)).isEqualTo(contents(tuned));
    try (var files = Files.list(output)) {
      assertThat(files).hasSize(contents(tuned).size());
    }
  }

  @Test
  void search() throws Exception {
    Path output = Files.createDirectory(directory.resolve("search"));
    Path plan = output.resolve("plan.json");
    Object[] search = {
      "search", tuned.resolve("model.profile"), "--max-time=0.8", "--lengths=512", "-o", plan
    };
    kill(output, search);
    assertThat(contents(output)).containsOnlyKeys("plan.json");
    assertThat(contents(output).get("plan.json")).isEqualTo(contents(tuned).get("plan.json"));
  }

  @Test
  void report() throws Exception {
    Path output = Files.createDirectory(directory.resolve("report"));
    Path page = output.resolve("report.html");
    Object[] report = {
      "report",
      tuned.resolve("plan.json"),
      "--profile",
      tuned.resolve("model.profile"),
      "--evaluation",
      tuned.resolve("evaluation.json"),
      "-o",
      page
    };
    kill(output, report);
    byte[] killed = Files.readAllBytes(page);
    CommandRun.of(report).succeeded();
    assertThat(Files.readAllBytes(page)).isEqualTo(killed);
  }

  /** Kills the command so many times, and in the end lets it finish. */
  private void kill(Path output, Object... arguments) throws Exception {
    long startedNanos = System.nanoTime();
    CommandRun.of(arguments).succeeded();
    long momentsNanos = START_NANOS + System.nanoTime() - startedNanos;
    var random = new Random(SEED);
    for (int kills = 0; kills < KILLS; ) {
      Process run = fork(arguments);
      if (!run.waitFor((long) (random.nextDouble() * momentsNanos), TimeUnit.NANOSECONDS)) {
        run.destroyForcibly().waitFor();
        kills++;
      }
      // Every file that is there can be read, whatever happened.
      contents(output);
    }
    CommandRun.of(arguments).succeeded();
  }

  private static Process fork(Object... arguments) throws IOException {
    return new ProcessBuilder(ForkedRun.command(arguments))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("killed.log").toFile())
        .start();
  }

  /** The files of a directory, by their names, without what two runs differ in. */
  private static Map<String, String> contents(Path output) throws IOException {
    var contents = new TreeMap<String, String>();
    if (!Files.isDirectory(output)) {
      return contents;
    }
    List<Path> found;
    try (var files = Files.list(output)) {
      found = new ArrayList<>(files.filter(Files::isRegularFile).toList());
    }
    for (Path file : found) {
      String name = file.getFileName().toString();
      if (!name.startsWith(".")) {
        contents.put(name, content(file, name));
      }
    }
    return contents;
  }

  private static String content(Path file, String name) throws IOException {
    return switch (name) {
      case "model.profile" -> {
        Profile.read(file);
        yield ProfileBytes.withoutRun(file).toString();
      }
      case "plan.json" -> {
        Plan.read(file);
        yield withoutRun(file);
      }
      case "report.html" -> withoutRuns(ReportPage.readData(file).plan());
      case "plan.digest.json" -> Sha256.ofFile(file).hex();
      default -> withoutRun(file);
    };
  }

  private static String withoutRuns(Plan plan) {
    ObjectNode node = JsonFile.mapper().valueToTree(plan);
    node.remove("run");
    return node.toString();
  }

  private static String withoutRun(Path file) {
    ObjectNode node = (ObjectNode) JsonFile.read(file, JsonNode.class, "file");
    node.remove("run");
    return node.toString();
  }
}
