package io.sparseplan.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Coverage-guided fuzzing of one intake or of all together: Jazzer in a process of its own, which
 * begins with the seeds and with what was found before, and goes on with what reached new branches
 * of this project's classes.
 *
 * @param intakes one, or all of them
 * @param directory keeps the inputs that reached something new, the findings and Jazzer's output
 */
record Fuzzing(List<Intake> intakes, Path directory) {
  private static final String CORPUS = "corpus";
  private static final String LOG = "jazzer.log";

  /** Of a file: all seeds are shorter, and long files only make reading slow. */
  private static final int MOST_BYTES = 16_384;

  private static final int MOST_FINDINGS = 20;
  private static final Pattern FINDING = Pattern.compile("(crash|timeout|oom|leak)-[0-9a-f]{40}");

  /** When to stop. */
  sealed interface Extent {
    List<String> options();

    record Executions(long count) implements Extent {
      @Override
      public List<String> options() {
        return List.of("-runs=" + count);
      }
    }

    /** A few, and the same ones every time. */
    record SameExecutions(long count) implements Extent {
      @Override
      public List<String> options() {
        return List.of("-runs=" + count, "-seed=20");
      }
    }
  }

  /**
   * What came of it.
   *
   * @param executions empty where Jazzer did not come to its end
   * @param branches of this project's classes that were reached
   * @param findings files that a reader failed on
   */
  record Outcome(
      OptionalLong executions,
      OptionalLong perSecond,
      OptionalLong branches,
      List<Path> findings,
      String log) {
    /** Whether all was run and nothing found. */
    boolean isClean() {
      return executions.isPresent() && findings.isEmpty();
    }
  }

  Outcome run(Extent extent) throws IOException, InterruptedException {
    laySeeds();
    Path work = Files.createDirectories(directory.resolve("work")).toAbsolutePath();
    Path log = directory.resolve(LOG);
    Process jazzer =
        new ProcessBuilder(command(extent, work))
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      jazzer.waitFor();
    } finally {
      jazzer.destroyForcibly();
    }
    String said = Files.readString(log);
    return new Outcome(
        number(said, "stat::number_of_executed_units: +(\\d+)"),
        number(said, "stat::average_exec_per_sec: +(\\d+)"),
        number(said, " cov: (\\d+) "),
        findings(),
        said);
  }

  private void laySeeds() throws IOException {
    Path corpus = Files.createDirectories(directory.resolve(CORPUS));
    for (Intake intake : intakes) {
      Files.write(corpus.resolve(intake.name()), FuzzTarget.input(intakes, intake, intake.seed()));
      for (Path found : Intake.findings(intake)) {
        Files.write(
            corpus.resolve(found.getFileName()),
            FuzzTarget.input(intakes, intake, Files.readAllBytes(found)));
      }
    }
  }

  private List<Path> findings() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> FINDING.matcher(file.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }

  private List<String> command(Extent extent, Path work) {
    var command = new ArrayList<>(ForkedRun.java());
    command.addAll(
        List.of(
            "-XX:+EnableDynamicAgentLoading",
            "-XX:+UseSerialGC",
            // Refusals are most of what is thrown, and deep traces most of what they take.
            "-XX:MaxJavaStackTraceDepth=24",
            "-Xmx512m",
            "-D" + FuzzTarget.DIRECTORY + "=" + work));
    if (extent instanceof Extent.SameExecutions) {
      // A short run is over before the second compiler's work pays.
      command.add("-XX:TieredStopAtLevel=1");
    }
    if (intakes.size() == 1) {
      command.add("-D" + FuzzTarget.INTAKE + "=" + intakes.getFirst().name());
    }
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.addAll(extent.options());
    command.addAll(
        List.of(
            "--target_class=" + FuzzTarget.class.getName(),
            "--instrumentation_includes=io.sparseplan.**",
            "--custom_hook_includes=io.sparseplan.**",
            // Its memory would count as the reader's.
            "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexRoadblocks",
            "--keep_going=" + MOST_FINDINGS,
            "--reproducer_path=" + work,
            "-max_len=" + MOST_BYTES,
            // By the clock, which a busy machine stops for minutes; Scrutiny limits processor time.
            "-timeout=600",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            "-artifact_prefix=" + directory.toAbsolutePath() + "/",
            directory.resolve(CORPUS).toAbsolutePath().toString()));
    return command;
  }

  /** The last of that form. */
  private static OptionalLong number(String text, String form) {
    Matcher matcher = Pattern.compile(form).matcher(text);
    OptionalLong last = OptionalLong.empty();
    while (matcher.find()) {
      last = OptionalLong.of(Long.parseLong(matcher.group(1)));
    }
    return last;
  }
}
