package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The finished prompts of a profile that is being made: a directory {@code NAME.parts} beside the
 * profile, gone when the profile is whole. It holds {@code inputs.json}, which says what the
 * profile is made from, and for each finished prompt a profile of that prompt alone, written whole
 * or not at all. A run that is killed at any moment goes on from there, and comes to the same
 * bytes.
 */
public final class ProfileJournal implements FinishedPrompts, AutoCloseable {
  private static final String INPUTS = "inputs.json";
  private static final String LOCK = "lock";
  private static final String PART = ".profile";

  /** A part is no run's result: nothing of its run is kept. */
  private static final Run NO_RUN = new Run("", "", 1, 0, "");

  private final Path output;
  private final Path directory;
  private final Inputs inputs;
  private final FileChannel lock;
  private final Map<Sha256, PromptStatistics> finished = new TreeMap<>();

  /** What the parts were made from, and what of. */
  private record Inputs(
      ProfileSchemaVersion schemaVersion, ProfileBasis basis, PromptSet promptSet) {}

  private ProfileJournal(Path output, Inputs inputs, FileChannel lock) {
    this.output = output;
    this.directory = directoryOf(output);
    this.inputs = inputs;
    this.lock = lock;
  }

  /** Where the parts of that profile lie. */
  public static Path directoryOf(Path output) {
    Path absolute = output.toAbsolutePath();
    return absolute.resolveSibling(absolute.getFileName() + ".parts");
  }

  /**
   * Begins a profile, or goes on with one that was begun.
   *
   * @param output where the profile will be
   * @throws BadInputException if it was begun with other inputs, or another run is at it
   */
  public static ProfileJournal open(Path output, ProfileBasis basis, PromptSet promptSet)
      throws IOException {
    Path directory = directoryOf(output);
    Files.createDirectories(directory);
    FileChannel lock =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      requireAlone(directory, lock);
      var inputs = new Inputs(ProfileSchemaVersion.CURRENT, basis, promptSet);
      var journal = new ProfileJournal(output, inputs, lock);
      journal.begin();
      return journal;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void requireAlone(Path directory, FileChannel channel) throws IOException {
    FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      throw new BadInputException(
          "Another run is making the profile of the parts (%s).".formatted(directory),
          "wait for it, or write to another file with -o.");
    }
  }

  private void begin() throws IOException {
    AtomicFile.deleteLeftovers(output);
    Path file = directory.resolve(INPUTS);
    AtomicFile.deleteLeftovers(file);
    // Inputs of which nothing is finished bind nobody.
    if (!Files.exists(file) || parts().isEmpty()) {
      deleteParts();
      JsonFile.write(file, inputs);
      return;
    }
    requireSame(JsonFile.read(file, Inputs.class, "record of an unfinished profile"));
    for (Sha256 prompt : inputs.promptSet.members()) {
      Path part = part(prompt);
      AtomicFile.deleteLeftovers(part);
      if (Files.exists(part)) {
        finished.put(prompt, readPart(part, prompt));
      }
    }
  }

  private void requireSame(Inputs begun) {
    inputs
        .basis
        .differenceFrom(begun.basis)
        .or(() -> promptDifference(begun.promptSet))
        .ifPresent(
            difference -> {
              throw new BadInputException(
                  "The unfinished profile (%s) was begun with other inputs. They differ in %s."
                      .formatted(directory, difference),
                  "go on with what it was begun with, write to another file with -o, or delete the"
                      + " directory to begin anew.");
            });
  }

  private Optional<String> promptDifference(PromptSet begun) {
    PromptSet now = inputs.promptSet;
    return now.equals(begun)
        ? Optional.empty()
        : Optional.of(
            "the prompt set: %d prompts (%s) here, %d prompts (%s) there"
                .formatted(
                    now.members().size(),
                    now.hash().abbreviated(),
                    begun.members().size(),
                    begun.hash().abbreviated()));
  }

  private PromptStatistics readPart(Path part, Sha256 prompt) {
    Profile profile = Profile.read(part);
    if (profile.prompts().size() != 1
        || !profile.prompts().getFirst().prompt().equals(prompt)
        || inputs.basis.differenceFrom(ProfileBasis.of(profile)).isPresent()) {
      throw new BadInputException(
          "The part (%s) of an unfinished profile is not what its name and %s say."
              .formatted(part, INPUTS),
          "delete the part: its prompt is then run again.");
    }
    return profile.prompts().getFirst();
  }

  private Path part(Sha256 prompt) {
    return directory.resolve(prompt.hex() + PART);
  }

  /** How many prompts were finished before this run, or have been since. */
  public int count() {
    return finished.size();
  }

  @Override
  public Optional<PromptStatistics> find(Sha256 prompt) {
    return Optional.ofNullable(finished.get(prompt));
  }

  @Override
  public void add(PromptStatistics record) {
    Profile alone = inputs.basis.profileOf(List.of(record), NO_RUN);
    try {
      alone.write(part(record.prompt()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    finished.put(record.prompt(), record);
  }

  /** Writes the whole profile and deletes the parts. */
  public void finish(Profile profile) throws IOException {
    profile.write(output);
    // First, so that parts which a kill leaves behind now count for nothing.
    Files.deleteIfExists(directory.resolve(INPUTS));
    deleteParts();
    Files.deleteIfExists(directory.resolve(LOCK));
    try {
      Files.delete(directory);
    } catch (DirectoryNotEmptyException e) {
      // Somebody else's files lie there: they are not ours to delete.
      return;
    }
  }

  private void deleteParts() throws IOException {
    for (Path part : parts()) {
      Files.delete(part);
    }
  }

  private List<Path> parts() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(ProfileJournal::isPart).toList();
    }
  }

  private static boolean isPart(Path file) {
    return file.getFileName().toString().matches("[0-9a-f]{64}\\.profile");
  }

  /** Lets another run go on. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
