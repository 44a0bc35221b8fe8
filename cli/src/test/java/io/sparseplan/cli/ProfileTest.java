package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptFile;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Profiles of llama-1m that are killed, resumed and merged. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProfileTest {
  /** How often the command is killed: once with every build, more by hand. */
  private static final int KILLS = Integer.getInteger("sparseplan.kills", 1);

  private static final long SEED = 20261122;

  @TempDir static Path directory;
  private Path candidates;
  private Path whole;

  @BeforeAll
  void profileAtOnce() throws IOException {
    candidates = directory.resolve("candidates.json");
    CandidateSet standard = CandidateSet.standard();
    JsonFile.write(
        candidates,
        new CandidateSet(standard.schemaVersion(), standard.candidates().subList(0, 5)));
    whole = directory.resolve("whole.profile");
    CommandRun.of(arguments(whole, "--limit-per-length=4")).succeeded();
  }

  private Object[] arguments(Path output, Object... more) {
    var arguments =
        new ArrayList<Object>(
            List.of("profile", CommandRun.LLAMA_1M, "--lengths=512", "--threads=2"));
    arguments.addAll(List.of("--candidates", candidates, "-o", output));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  @Test
  void killedAtRandomMomentsItComesToTheSameBytes() throws Exception {
    Path output = directory.resolve("killed.profile");
    long startedNanos = System.nanoTime();
    fork(output).waitFor();
    long wholeNanos = System.nanoTime() - startedNanos;
    assertWhole(output);
    var random = new Random(SEED);
    for (int kills = 0; kills < KILLS; ) {
      Process run = fork(output);
      long momentNanos = (long) (random.nextDouble() * wholeNanos);
      if (run.waitFor(momentNanos, TimeUnit.NANOSECONDS)) {
        assertThat(run.exitValue()).isZero();
        assertWhole(output);
      } else {
        run.destroyForcibly().waitFor();
        kills++;
      }
    }
    CommandRun.of(arguments(output, "--limit-per-length=4")).succeeded();
    assertWhole(output);
    try (var files = Files.list(directory)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.contains("killed.profile."));
    }
  }

  private void assertWhole(Path output) throws IOException {
    assertThat(ProfileBytes.withoutRun(output)).isEqualTo(ProfileBytes.withoutRun(whole));
    Files.delete(output);
  }

  /** The command as users run it, in a process of its own. */
  private Process fork(Path output) throws IOException {
    return new ProcessBuilder(ForkedRun.command(arguments(output, "--limit-per-length=4")))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("killed.log").toFile())
        .start();
  }

  @Test
  void anUnfinishedProfileOfOtherInputsIsRefused() throws IOException {
    Path output = directory.resolve("begun.profile");
    Profile one = Profile.read(whole);
    try (var journal = ProfileJournal.open(output, ProfileBasis.of(one), one.promptSet())) {
      journal.add(one.prompts().getFirst());
    }
    CommandRun.of(arguments(output, "--limit-per-length=3"))
        .failed(ExitCode.BAD_INPUT, "the prompt set: 3 prompts (");
    CommandRun.of(arguments(output, "--limit-per-length=4", "--objective=ce"))
        .failed(ExitCode.BAD_INPUT, "the objective: CE here, KL there");
    CommandRun resumed = CommandRun.of(arguments(output, "--limit-per-length=4")).succeeded();
    assertThat(resumed.out()).contains("Resumed  1 of them");
    assertThat(ProfileBytes.withoutRun(output)).isEqualTo(ProfileBytes.withoutRun(whole));
  }

  @Test
  void profilesOfTwoPromptSetsMergeToTheProfileOfBoth() throws IOException {
    ModelDirectory model = ModelDirectory.open(CommandRun.LLAMA_1M);
    List<String> lines =
        PromptFile.read(model.defaultPrompts(), model.checkpoint(), model.geometry()).stream()
            .filter(prompt -> prompt.ids().length == 512)
            .limit(4)
            .map(ProfileTest::json)
            .toList();
    assertThat(lines).hasSize(4);
    Path a = part("a", lines.subList(1, 2));
    Path b = part("b", List.of(lines.get(0), lines.get(2), lines.get(3)));
    Path ab = directory.resolve("ab.profile");
    Path ba = directory.resolve("ba.profile");
    CommandRun run = CommandRun.of("profile", "--merge", a, b, "-o", ab).succeeded();
    assertThat(run.out()).contains("Merged 5 candidates on 16 heads with 4 prompts");
    CommandRun.of("profile", "-o", ba, "--merge", b, a).succeeded();
    assertThat(ProfileBytes.withoutRun(ab)).isEqualTo(ProfileBytes.withoutRun(whole));
    assertThat(ProfileBytes.withoutRun(ba)).isEqualTo(ProfileBytes.withoutRun(whole));
  }

  private static String json(Prompt prompt) {
    return "{\"ids\":%s,\"answers\":%s}"
        .formatted(
            Arrays.toString(prompt.ids()),
            prompt.answers().stream()
                .map(answer -> List.of(answer.firstToken(), answer.endToken()))
                .toList());
  }

  private Path part(String name, List<String> lines) throws IOException {
    Path prompts = Files.write(directory.resolve(name + ".jsonl"), lines);
    Path output = directory.resolve(name + ".profile");
    CommandRun.of(arguments(output, "--prompts", prompts)).succeeded();
    return output;
  }

  @Test
  void whatCannotBeMergedIsRefused() throws IOException {
    Path tempered = directory.resolve("tempered.profile");
    CommandRun.of(arguments(tempered, "--limit-per-length=1", "--objective=temp")).succeeded();
    Path output = directory.resolve("none.profile");
    CommandRun.of("profile", "--merge", whole, tempered, "-o", output)
        .failed(ExitCode.BAD_INPUT, "the objective: KL here, TEMP there");
    CommandRun.of("profile", "--merge", whole, directory.resolve("nowhere"), "-o", output)
        .failed(ExitCode.BAD_INPUT, "nowhere) does not exist");
    CommandRun usage = CommandRun.of("profile", "--merge", whole, whole, "--objective=ce");
    assertThat(usage.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(usage.err()).contains("--objective does nothing with --merge.");
    assertThat(CommandRun.of("profile", "-o", output).err()).contains("Give a MODEL to profile");
    assertThat(output).doesNotExist();
  }

  @Test
  void aCaptureStandsInForAModelAndForNothingElse() {
    Path output = directory.resolve("captured.profile");
    Path nowhere = directory.resolve("nowhere");
    CommandRun.of("profile", "--capture", nowhere, "-o", output)
        .failed(ExitCode.BAD_INPUT, "capture.json) does not exist");
    CommandRun both = CommandRun.of("profile", CommandRun.LLAMA_1M, "--capture", nowhere);
    assertThat(both.exitCode()).isEqualTo(ExitCode.USAGE);
    CommandRun option = CommandRun.of("profile", "--capture", nowhere, "--lengths=512");
    assertThat(option.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(option.err()).contains("--lengths does nothing with --capture.");
    assertThat(output).doesNotExist();
  }

  @Test
  void aPromptThatIsThereTwiceIsRefused() throws IOException {
    String prompt = "{\"ids\":[1,2,3,4,5]}\n";
    Path prompts = Files.writeString(directory.resolve("twice.jsonl"), prompt + prompt);
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--prompts",
            prompts,
            "-o",
            directory.resolve("twice.profile"))
        .failed(ExitCode.BAD_INPUT, "The prompts on lines 1 and 2");
  }
}
