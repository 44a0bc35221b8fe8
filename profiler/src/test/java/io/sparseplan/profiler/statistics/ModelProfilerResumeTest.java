package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.RandomCheckpoint;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.prompt.AnswerSpan;
import io.sparseplan.profiler.prompt.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Profiling goes on where it was stopped, and comes to the same bytes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ModelProfilerResumeTest {
  private static final Run RUN = new Run("", "", 1, 0, "");
  private static final List<Prompt> PROMPTS =
      IntStream.range(0, 5).mapToObj(ModelProfilerResumeTest::prompt).toList();

  @TempDir static Path directory;
  private final Workers workers = new Workers(2);
  private ModelProfiler profiler;
  private ProfileBasis basis;
  private Path whole;

  @BeforeAll
  void profileAtOnce() throws IOException {
    RandomCheckpoint.write(directory, false);
    ModelDirectory.Loaded loaded = ModelDirectory.open(directory).load(workers);
    basis =
        new ProfileBasis(
            Tool.THIS,
            loaded.identity(),
            new TileSize(16),
            Objective.CE,
            CandidateSet.standard().candidates());
    profiler = new ModelProfiler(loaded.model(), basis);
    whole = directory.resolve("whole.profile");
    profiler.profile(PROMPTS, FinishedPrompts.NONE, Progress.NONE, () -> RUN).write(whole);
  }

  @AfterAll
  void close() {
    workers.close();
  }

  private static Prompt prompt(int number) {
    int[] ids = IntStream.range(0, 20 + 7 * number).map(i -> (i * i + number) % 53).toArray();
    return new Prompt(
        number + 1, ids, number % 2 == 0 ? List.of() : List.of(new AnswerSpan(9, 12)));
  }

  /** Stands for a kill after some prompts. */
  private record StoppedAfter(ProfileJournal journal, int prompts) implements FinishedPrompts {
    @Override
    public Optional<PromptStatistics> find(Sha256 prompt) {
      return journal.find(prompt);
    }

    @Override
    public void add(PromptStatistics record) {
      if (journal.count() == prompts) {
        throw new Stopped();
      }
      journal.add(record);
    }
  }

  private static final class Stopped extends RuntimeException {}

  @Test
  void stoppedAfterAnyPromptItComesToTheSameBytes() throws IOException {
    for (int stop = 0; stop < PROMPTS.size(); stop++) {
      Path output = directory.resolve("stopped-%d.profile".formatted(stop));
      int after = stop;
      assertThatThrownBy(() -> runOnce(output, after)).isInstanceOf(Stopped.class);
      assertThat(output).doesNotExist();
      runOnce(output, PROMPTS.size());
      assertThat(output).hasSameBinaryContentAs(whole);
      assertThat(ProfileJournal.directoryOf(output)).doesNotExist();
    }
  }

  @Test
  void stoppedAgainAndAgainItComesToTheSameBytes() throws IOException {
    Path output = directory.resolve("again.profile");
    for (int stop = 1; stop < PROMPTS.size(); stop++) {
      int after = stop;
      assertThatThrownBy(() -> runOnce(output, after)).isInstanceOf(Stopped.class);
    }
    runOnce(output, PROMPTS.size());
    assertThat(output).hasSameBinaryContentAs(whole);
  }

  private void runOnce(Path output, int stopAfter) throws IOException {
    PromptSet promptSet = PromptSet.of(PROMPTS.stream().map(Prompt::member).toList());
    try (ProfileJournal journal = ProfileJournal.open(output, basis, promptSet)) {
      var stopped = new StoppedAfter(journal, stopAfter);
      journal.finish(profiler.profile(PROMPTS, stopped, Progress.NONE, () -> RUN));
    }
  }
}
