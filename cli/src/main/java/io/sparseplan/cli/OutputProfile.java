package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.prompt.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The profile of an output directory: the one that lies there, if it is of the same inputs, or a
 * new one. A new one stays in its parts until what is made from it is there too, so that a run that
 * is killed leaves the files of the run before it, and loses one prompt at most.
 */
final class OutputProfile implements AutoCloseable {
  private final Path directory;
  private final ProfileJournal journal;
  private final Profile profile;
  private final boolean isNew;

  private OutputProfile(Path directory, ProfileJournal journal, Profile profile, boolean isNew) {
    this.directory = directory;
    this.journal = journal;
    this.profile = profile;
    this.isNew = isNew;
  }

  /** Reads the profile, or goes on with one that was begun, or makes one. */
  static OutputProfile of(
      Path directory, PlacedModel model, ProfileBasis basis, List<Prompt> chosen, WorkOptions work)
      throws IOException {
    Path file = directory.resolve(Outputs.PROFILE);
    ProfileJournal journal = Stages.journal(file, basis, chosen);
    try {
      Optional<Profile> kept = kept(file, basis, chosen, work);
      Profile profile =
          kept.isPresent() ? kept.get() : Stages.profile(model, basis, chosen, journal, work);
      return new OutputProfile(directory, journal, profile, kept.isEmpty());
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  /** A profile such as a cache brings back; one that is damaged is none. */
  private static Optional<Profile> kept(
      Path file, ProfileBasis basis, List<Prompt> chosen, WorkOptions work) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Profile kept = Profile.read(file);
      PromptSet wanted = PromptSet.of(chosen.stream().map(Prompt::member).toList());
      ProfileBasis of = ProfileBasis.of(kept);
      if (!kept.promptSet().equals(wanted)
          || basis.differenceFrom(of.in(basis.arithmetic())).isPresent()) {
        return Optional.empty();
      }
      if (of.arithmetic() != basis.arithmetic()) {
        work.tell(
            "The profile (%s) was made in %s; this run makes it anew, in %s."
                .formatted(file, of.arithmetic().text(), basis.arithmetic().text()));
        return Optional.empty();
      }
      return Optional.of(kept);
    } catch (BadInputException e) {
      return Optional.empty();
    }
  }

  Profile profile() {
    return profile;
  }

  /** Writes it, just before what was made from it. */
  void write() throws IOException {
    journal.finish(profile);
  }

  /**
   * Writes it where there is no plan for the goal: another can be searched for in it. What lies
   * there of another profile goes.
   */
  void writeAlone() throws IOException {
    if (isNew) {
      Outputs.deleteWhatDependsOnProfile(directory);
    }
    write();
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }
}
