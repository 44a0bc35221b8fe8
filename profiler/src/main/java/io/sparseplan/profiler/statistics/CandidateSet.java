package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.pattern.Candidates;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The patterns that are scored for every head: a file that users can edit.
 *
 * @param candidates dense first, and none twice
 */
public record CandidateSet(SchemaVersion schemaVersion, List<Pattern> candidates) {
  public CandidateSet {
    candidates = Candidates.checked(candidates);
  }

  /** Dense, {@link CandidateFamily#STREAMING} and {@link CandidateFamily#TRI_SHAPE}. */
  public static CandidateSet standard() {
    return of(List.of(CandidateFamily.STREAMING, CandidateFamily.TRI_SHAPE));
  }

  /** Dense and the patterns of these families. */
  public static CandidateSet of(List<CandidateFamily> families) {
    return new CandidateSet(
        SchemaVersion.CURRENT,
        Stream.concat(
                Stream.of(new Dense()),
                families.stream().distinct().flatMap(CandidateFamily::patterns))
            .toList());
  }

  /**
   * Reads a set.
   *
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or holds no candidates
   */
  public static CandidateSet read(Path file) {
    return JsonFile.read(file, CandidateSet.class, "candidate set");
  }
}
