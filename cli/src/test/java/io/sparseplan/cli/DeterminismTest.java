package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.prompt.PromptFile;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same input gives the same bytes, on whatever machine; see docs/determinism.md. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeterminismTest {
  /** Not whole tiles, nor whole vectors, and few, since vectors that are missing are slow. */
  private static final int[] LENGTHS = {131, 262};

  @TempDir static Path directory;
  private Path prompts;
  private Path candidates;
  private Map<String, String> wanted;

  @BeforeAll
  void tuneOnce() throws IOException {
    ModelDirectory model = ModelDirectory.open(CommandRun.LLAMA_1M);
    int[] ids =
        PromptFile.read(model.defaultPrompts(), model.checkpoint(), model.geometry())
            .getFirst()
            .ids();
    List<String> lines =
        Arrays.stream(LENGTHS)
            .mapToObj(length -> Arrays.toString(Arrays.copyOf(ids, length)))
            .map("{\"ids\":%s}"::formatted)
            .toList();
    prompts = Files.write(directory.resolve("prompts.jsonl"), lines);
    candidates = directory.resolve("candidates.json");
    CandidateSet standard = CandidateSet.standard();
    JsonFile.write(
        candidates,
        new CandidateSet(standard.schemaVersion(), standard.candidates().subList(0, 6)));
    Path output = directory.resolve("wanted");
    CommandRun.of(tune(output).toArray()).succeeded();
    wanted = ResultFiles.contents(output);
    assertThat(wanted).hasSize(5);
  }

  private List<Object> tune(Path output, Object... more) {
    var arguments =
        new ArrayList<Object>(
            List.of(
                "tune",
                CommandRun.LLAMA_1M,
                "--max-density=0.97",
                "--backend=cpu",
                "--prompts",
                prompts,
                "--lengths=131,262",
                "--candidates",
                candidates,
                "-o",
                output));
    arguments.addAll(List.of(more));
    return arguments;
  }

  @ParameterizedTest
  @CsvSource({"64,1", "128,3", "256,7"})
  void whateverTheWidthOfVectorsAndTheNumberOfThreads(int bits, int threads) throws Exception {
    assertThat(
            tunedBy(
                "bits-" + bits, List.of("--threads", threads), "-Dsparseplan.vector.bits=" + bits))
        .isEqualTo(wanted);
  }

  /** A CPU without them computes lane by lane, which takes a minute. */
  @Test
  @Tag("by-hand")
  void withTheWidestVectors() throws Exception {
    assertThat(tunedBy("bits-512", List.of(), "-Dsparseplan.vector.bits=512")).isEqualTo(wanted);
  }

  /** No vector instruction and one processor: what a machine of scalars would find. */
  @Test
  @Tag("by-hand")
  void withoutVectors() throws Exception {
    assertThat(
            tunedBy(
                "scalar",
                List.of(),
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:-EnableVectorSupport",
                "-Dsparseplan.vector.bits=128",
                "-XX:ActiveProcessorCount=1"))
        .isEqualTo(wanted);
  }

  /**
   * @param more of the command's options
   * @param options of the virtual machine
   */
  private Map<String, String> tunedBy(String name, List<Object> more, String... options)
      throws Exception {
    Path output = directory.resolve(name);
    List<String> run = ForkedRun.command(tune(output, more.toArray()).toArray());
    var command = new ArrayList<>(run.subList(0, 1));
    command.addAll(List.of(options));
    command.addAll(run.subList(1, run.size()));
    Path log = directory.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    return ResultFiles.contents(output);
  }
}
