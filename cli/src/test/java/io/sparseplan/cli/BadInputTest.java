package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.profile.Profile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the user can get wrong: the exit code, one clear message, and nothing half-written. */
final class BadInputTest {
  @TempDir Path directory;
  private Path model;
  private Path output;

  @BeforeEach
  void copyModel() throws IOException {
    model = directory.resolve("model");
    output = directory.resolve("output");
    Files.createDirectory(model);
    try (var files = Files.list(CommandRun.LLAMA_1M.resolve("model"))) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    Files.copy(
        CommandRun.LLAMA_1M.resolve("prompts-calibration.jsonl.gz"),
        model.resolve("prompts-calibration.jsonl.gz"));
  }

  private CommandRun tune(Object... more) {
    Object[] arguments = new Object[7 + more.length];
    Object[] first = {"tune", model, "--max-time", "0.5", "--limit-per-length=1", "-o", output};
    System.arraycopy(first, 0, arguments, 0, 7);
    System.arraycopy(more, 0, arguments, 7, more.length);
    return CommandRun.of(arguments);
  }

  private void assertNothingWritten() {
    assertThat(output).doesNotExist();
  }

  private void edit(String file, String from, String to) throws IOException {
    String text = Files.readString(model.resolve(file));
    assertThat(text).contains(from);
    Files.writeString(model.resolve(file), text.replace(from, to));
  }

  private Path prompts(String line) throws IOException {
    return Files.writeString(directory.resolve("prompts.jsonl"), line + "\n");
  }

  private static String ids(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Integer.toString(i % 4000))
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Test
  void aMissingModelDirectory() {
    model = directory.resolve("nowhere");
    tune().failed(ExitCode.BAD_INPUT, "nowhere) does not exist");
    assertNothingWritten();
  }

  @Test
  void aDirectoryWithoutAModel() throws IOException {
    Files.delete(model.resolve("config.json"));
    tune().failed(ExitCode.BAD_INPUT, "config.json) does not exist");
    assertNothingWritten();
  }

  @Test
  void anUnsupportedArchitecture() throws IOException {
    edit("config.json", "LlamaForCausalLM", "MambaForCausalLM");
    tune().failed(ExitCode.BAD_INPUT, "MambaForCausalLM");
    assertNothingWritten();
  }

  @Test
  void aTruncatedShard() throws IOException {
    try (var file = new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
      file.setLength(file.length() - 1000);
    }
    tune().failed(ExitCode.BAD_INPUT, "model.safetensors) is cut short");
    assertNothingWritten();
  }

  @Test
  void aShardIndexThatPointsOutsideOfTheDirectory() throws IOException {
    Files.move(model.resolve("model.safetensors"), directory.resolve("outside.safetensors"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"model.norm.weight\":\"../outside.safetensors\"}}");
    tune().failed(ExitCode.BAD_INPUT, "../outside.safetensors");
    assertNothingWritten();
  }

  @Test
  void weightsThatAreNotANumber() throws IOException {
    try (var file = new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
      file.seek(file.length() - 2);
      file.write(new byte[] {(byte) 0xc0, 0x7f});
    }
    tune().failed(ExitCode.BAD_INPUT, "has a value (NaN) at element");
    assertNothingWritten();
  }

  @Test
  void aTokenIdOutOfRange() throws IOException {
    Path prompts = prompts("{\"ids\":[1,2,4096]}");
    tune("--prompts", prompts).failed(ExitCode.BAD_INPUT, "the token id 4096 at position 2");
    assertNothingWritten();
  }

  @Test
  void aPromptLongerThanTheContext() throws IOException {
    Path prompts = prompts("{\"ids\":%s}".formatted(ids(2049)));
    tune("--prompts", prompts).failed(ExitCode.BAD_INPUT, "line 1 has 2049 tokens");
    CommandRun.of("evaluate", model, "--prompts", prompts)
        .failed(ExitCode.BAD_INPUT, "line 1 has 2049 tokens");
    assertNothingWritten();
  }

  @Test
  void promptsThatAreNotJson() throws IOException {
    Path prompts = prompts("{\"ids\":[1,2]}\nhello");
    tune("--prompts", prompts).failed(ExitCode.BAD_INPUT, "Line 2 of the prompt file");
    assertNothingWritten();
  }

  @Test
  void aLengthThatNoPromptHas() {
    tune("--lengths", "777").failed(ExitCode.BAD_INPUT, "No prompt has 777 tokens");
    assertNothingWritten();
  }

  @Test
  void anUnknownDevice() {
    tune("--device", "h300").failed(ExitCode.BAD_INPUT, "h300");
    assertNothingWritten();
  }

  @Test
  void aGoalThatCannotBeMetKeepsTheProfileWholeAndNothingElse() {
    CommandRun.of(
            "tune",
            model,
            "--max-time",
            "0.01",
            "--lengths=1024",
            "--limit-per-length=1",
            "-o",
            output)
        .failed(ExitCode.NO_FEASIBLE_PLAN, "0.01");
    assertThat(output.toFile().list()).containsExactly("model.profile");
    assertThat(Profile.read(output.resolve("model.profile")).prompts()).hasSize(1);
  }

  @Test
  void aCommandLineWithoutAGoal() {
    CommandRun run = CommandRun.of("tune", model, "-o", output);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("No goal is given").contains("Maybe add --max-time");
    assertNothingWritten();
  }

  @Test
  void rulesThatFitNoHeadOrCandidate() {
    tune("--pin=L99.H0=dense").failed(ExitCode.BAD_INPUT, "L99.H0=dense");
    tune("--pin=L0.H0=nonsense").failed(ExitCode.BAD_INPUT, "nonsense");
    tune("--dense-layers=last=99").failed(ExitCode.BAD_INPUT, "last=99");
    tune("--from", directory.resolve("none.json")).failed(ExitCode.BAD_INPUT, "none.json");
    assertNothingWritten();
  }

  @Test
  void rulesThatAreNone() {
    for (String option :
        new String[] {
          "--pin=L0.H0",
          "--pin=H0=dense",
          "--granularity=layer",
          "--max-patterns-per-layer=0",
          "--max-patterns-per-layer=few",
          "--max-churn=0.5",
          "--dense-layers=middle=1",
          "--dense-layers=first=-1",
          "--max-loss=-1",
          "--max-loss=NaN"
        }) {
      CommandRun run = tune(option);
      assertThat(run.exitCode()).as(option).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).as(option).doesNotContain("\tat ");
    }
    assertNothingWritten();
  }

  @Test
  void aRatioThatIsNone() {
    for (String ratio : new String[] {"0", "-1", "NaN", "half"}) {
      CommandRun run = CommandRun.of("tune", model, "--max-time", ratio, "-o", output);
      assertThat(run.exitCode()).as(ratio).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).doesNotContain("\tat ");
    }
    assertNothingWritten();
  }

  @Test
  void optionsOutOfRange() {
    for (String option :
        new String[] {
          "--lengths=-5",
          "--lengths=many",
          "--limit-per-length=0",
          "--batch=0",
          "--batch=100000000",
          "--threads=0",
          "--max-time-at=99=0.5"
        }) {
      CommandRun run = CommandRun.of("tune", model, "--max-time", "0.5", option, "-o", output);
      assertThat(run.exitCode()).as(option + run.err()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains("Maybe ").doesNotContain("\tat ");
    }
    assertNothingWritten();
  }

  @Test
  void anEvaluationWithoutPrompts() {
    CommandRun.of("evaluate", model, "--skip-per-length=100")
        .failed(ExitCode.BAD_INPUT, "No prompt is left");
  }

  @Test
  void answersThatAreNoList() throws IOException {
    Path prompts = prompts("{\"ids\":[1,2,3,4],\"answers\":\"2-3\"}");
    CommandRun.of("evaluate", model, "--prompts", prompts)
        .failed(ExitCode.BAD_INPUT, "has answers \"2-3\"");
  }

  @Test
  void aNewRunLeavesNoFilesOfAnEarlierOneBesideItsProfile() throws IOException {
    Files.createDirectory(output);
    for (String name : new String[] {"plan.json", "evaluation.json", "report.html"}) {
      Files.writeString(output.resolve(name), "old");
    }
    CommandRun.of(
            "tune",
            model,
            "--max-time",
            "0.01",
            "--lengths=1024",
            "--limit-per-length=1",
            "-o",
            output)
        .failed(ExitCode.NO_FEASIBLE_PLAN, "0.01");
    assertThat(output.toFile().list()).containsExactly("model.profile");
  }

  @Test
  void anOutputThatIsNoDirectory() throws IOException {
    Files.writeString(output, "a file");
    CommandRun run = tune();
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err()).contains(output.toString()).contains("\nMaybe ").doesNotContain("\tat ");
    assertThat(output).hasContent("a file");
  }

  @Test
  void aPlanThatIsNone() throws IOException {
    Path plan =
        Files.write(
            directory.resolve("p.json"), "{\"schemaVersion\":9}".getBytes(StandardCharsets.UTF_8));
    CommandRun.of("evaluate", model, "--plan", plan)
        .failed(ExitCode.BAD_INPUT, "schemaVersion (9)");
  }
}
