package io.sparseplan.plans.profile;

import static io.sparseplan.plans.profile.SampleProfile.RUN;
import static io.sparseplan.plans.profile.SampleProfile.SMALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProfileJournalTest {
  private static final Profile WHOLE = SMALL.of(1, 2, 3);
  private static final ProfileBasis BASIS = ProfileBasis.of(WHOLE);

  @TempDir Path directory;
  private Path output;
  private Path parts;

  @BeforeEach
  void name() {
    output = directory.resolve("m.profile");
    parts = directory.resolve("m.profile.parts");
  }

  private ProfileJournal open() throws IOException {
    return ProfileJournal.open(output, BASIS, WHOLE.promptSet());
  }

  private void begin(int prompts) throws IOException {
    try (ProfileJournal journal = open()) {
      WHOLE.prompts().subList(0, prompts).forEach(journal::add);
    }
  }

  @Test
  void whatWasAddedIsFoundByTheNextRun() throws IOException {
    begin(2);
    assertThat(output).doesNotExist();
    try (ProfileJournal journal = open()) {
      assertThat(journal.count()).isEqualTo(2);
      for (PromptStatistics record : WHOLE.prompts().subList(0, 2)) {
        assertThat(journal.find(record.prompt()))
            .get()
            .usingRecursiveComparison()
            .isEqualTo(record);
      }
      assertThat(journal.find(WHOLE.prompts().getLast().prompt())).isEmpty();
    }
  }

  @Test
  void finishingLeavesTheProfileAlone() throws IOException {
    begin(2);
    try (ProfileJournal journal = open()) {
      journal.add(WHOLE.prompts().getLast());
      journal.finish(WHOLE);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(output);
    }
    Path straight = directory.resolve("straight.profile");
    WHOLE.write(straight);
    assertThat(output).hasSameBinaryContentAs(straight);
  }

  @Test
  void whatKilledWritersLeaveIsCleanedUp() throws IOException {
    begin(1);
    String uuid = "123e4567-e89b-12d3-a456-426614174000";
    Path ofOutput = Files.createFile(directory.resolve(".m.profile." + uuid + ".part"));
    String hash = WHOLE.prompts().getFirst().prompt().hex();
    Path ofPart = Files.createFile(parts.resolve("." + hash + ".profile." + uuid + ".part"));
    Path ofAnother = Files.createFile(directory.resolve(".m.profile.x." + uuid + ".part"));
    open().close();
    assertThat(ofOutput).doesNotExist();
    assertThat(ofPart).doesNotExist();
    assertThat(ofAnother).exists();
  }

  @Test
  void killedWhileItDeletesItBeginsAnew() throws IOException {
    begin(2);
    Files.delete(parts.resolve("inputs.json"));
    try (ProfileJournal journal = ProfileJournal.open(output, BASIS, SMALL.of(8, 9).promptSet())) {
      assertThat(journal.count()).isZero();
    }
  }

  @Test
  void otherInputsOfWhichNothingIsFinishedBindNobody() throws IOException {
    begin(0);
    try (ProfileJournal journal = ProfileJournal.open(output, BASIS, SMALL.of(8, 9).promptSet())) {
      assertThat(journal.count()).isZero();
    }
  }

  @Test
  void filesOfOthersInTheDirectoryStay() throws IOException {
    begin(3);
    Path notes = Files.writeString(parts.resolve("notes.profile"), "mine");
    try (ProfileJournal journal = open()) {
      journal.finish(WHOLE);
    }
    assertThat(notes).hasContent("mine");
    assertThat(output).exists();
  }

  @Test
  void twoRunsAtOnceAreRefused() throws IOException {
    try (ProfileJournal first = open()) {
      first.add(WHOLE.prompts().getFirst());
      assertThatThrownBy(this::open)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Another run")
          .hasMessageContaining(parts.toString());
    }
    open().close();
  }

  @Test
  void otherInputsAreRefusedByName() throws IOException {
    begin(2);
    ProfileBasis tempered =
        new ProfileBasis(
            BASIS.tool(), BASIS.model(), BASIS.tile(), Objective.TEMP, BASIS.candidates());
    assertRefused(tempered, WHOLE.promptSet(), "the objective: TEMP here, MARGIN there");
    ProfileBasis dense =
        new ProfileBasis(
            BASIS.tool(),
            BASIS.model(),
            BASIS.tile(),
            BASIS.objective(),
            BASIS.candidates().subList(0, 1));
    assertRefused(dense, WHOLE.promptSet(), "the candidates: 1 (dense) here, 4 (dense,");
    assertRefused(BASIS, SMALL.of(1, 2).promptSet(), "the prompt set: 2 prompts (");
    assertRefused(
        BASIS.in(Arithmetic.BF16),
        WHOLE.promptSet(),
        "the arithmetic: bf16 on a GPU here, float32 on the CPU there");
    try (ProfileJournal journal = open()) {
      assertThat(journal.count()).as("nothing was lost").isEqualTo(2);
    }
  }

  private void assertRefused(ProfileBasis basis, PromptSet prompts, String named) {
    assertThatThrownBy(() -> ProfileJournal.open(output, basis, prompts))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(parts.toString())
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe go on with what it was begun with");
  }

  @Test
  void aPartUnderAnotherNameIsRefused() throws IOException {
    begin(1);
    Path part = parts.resolve(WHOLE.prompts().getFirst().prompt().hex() + ".profile");
    BASIS.profileOf(List.of(WHOLE.prompts().getLast()), RUN).write(part);
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(part.toString());
  }

  @Test
  void aPartThatIsDamagedIsRefused() throws IOException {
    begin(1);
    Path part = parts.resolve(WHOLE.prompts().getFirst().prompt().hex() + ".profile");
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(part.toString())
        .hasMessageContaining("cut short");
  }
}
