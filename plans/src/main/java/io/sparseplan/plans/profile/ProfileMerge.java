package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Joins profiles of one model on several sets of prompts. The result is that of one run over all of
 * the prompts, byte for byte apart from the run, in whatever order the profiles are given.
 */
public final class ProfileMerge {
  private ProfileMerge() {}

  /** A profile and the file it was read from, for messages. */
  private record Source(Path file, Profile profile) {}

  /** A prompt's record and the file it was first read from. */
  private record Found(Path file, PromptStatistics record) {}

  /**
   * A prompt may be in several files if its record is the same in all of them.
   *
   * @param files two or more
   * @param run the run that merges
   * @throws BadInputException if a file is no profile, two are not of one basis, or two have
   *     different records of one prompt
   */
  public static Profile ofFiles(List<Path> files, Run run) {
    var sources = new ArrayList<Source>();
    files.forEach(file -> sources.add(new Source(file, Profile.read(file))));
    var records = new TreeMap<Sha256, Found>();
    for (Source source : sources) {
      requireSameBasis(sources.getFirst(), source);
      for (PromptStatistics record : source.profile.prompts()) {
        Found before = records.putIfAbsent(record.prompt(), new Found(source.file, record));
        if (before != null && !ProfileFile.isSame(before.record, record)) {
          throw new BadInputException(
              "The prompt %s has other statistics in the profile (%s) than in the profile (%s)."
                  .formatted(record.prompt().abbreviated(), before.file, source.file),
              "one of them was made on a machine of another vector width: profile that prompt in"
                  + " one place.");
        }
      }
    }
    Profile merged =
        basis(sources).profileOf(records.values().stream().map(Found::record).toList(), run);
    return sources.getFirst().profile.induction().map(merged::withInduction).orElse(merged);
  }

  private static void requireSameBasis(Source first, Source other) {
    ProfileBasis.of(first.profile)
        .differenceFrom(ProfileBasis.of(other.profile))
        .ifPresent(
            difference -> {
              throw new BadInputException(
                  "The profiles (%s, %s) cannot be merged. They differ in %s."
                      .formatted(first.file, other.file, difference),
                  "profile both sets of prompts alike.");
            });
    if (!first.profile.induction().equals(other.profile.induction())) {
      throw new BadInputException(
          "The profiles (%s, %s) cannot be merged. They differ in the induction scores of the model."
              .formatted(first.file, other.file),
          "profile both sets of prompts alike.");
    }
  }

  /** The basis of all, under the first of their names, so that their order does not show. */
  private static ProfileBasis basis(List<Source> sources) {
    ProfileBasis basis = ProfileBasis.of(sources.getFirst().profile);
    String name =
        sources.stream()
            .map(source -> source.profile.model().name())
            .min(String::compareTo)
            .orElseThrow();
    return new ProfileBasis(
        basis.tool(),
        basis.model().named(name),
        basis.arithmetic(),
        basis.layout(),
        basis.objective(),
        basis.candidates());
  }
}
