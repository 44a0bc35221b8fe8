package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.pattern.Candidates;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
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

  private static final TokenLayout LANGUAGE = TokenLayout.causal(TileSize.DEFAULT);

  /** What is tried for language models unless something else is asked for. */
  public static CandidateSet standard() {
    return standard(LANGUAGE);
  }

  /**
   * What is tried unless something else is asked for: dense, {@link CandidateFamily#STREAMING} and
   * {@link CandidateFamily#TRI_SHAPE}, or of videos all families of video patterns.
   */
  public static CandidateSet standard(TokenLayout layout) {
    return of(
        layout.video().isEmpty()
            ? List.of(CandidateFamily.STREAMING, CandidateFamily.TRI_SHAPE)
            : List.of(
                CandidateFamily.SLIDING_TILE,
                CandidateFamily.NEIGHBORHOOD,
                CandidateFamily.VIDEO_BAND,
                CandidateFamily.VIDEO_STRIPES,
                CandidateFamily.RADIAL),
        layout);
  }

  /** Dense and the patterns of these families, for language models. */
  public static CandidateSet of(List<CandidateFamily> families) {
    return of(families, LANGUAGE);
  }

  /**
   * Dense and the patterns of these families.
   *
   * @throws BadInputException if a family means nothing where tokens lie so
   */
  public static CandidateSet of(List<CandidateFamily> families, TokenLayout layout) {
    for (CandidateFamily family : families) {
      if (!family.fits(layout)) {
        throw new BadInputException(
            "The family %s means nothing where attention is %s."
                .formatted(family.title(), layout.text()),
            "take %s."
                .formatted(
                    CandidateFamily.allOf(layout).stream()
                        .map(CandidateFamily::title)
                        .collect(Collectors.joining(", "))));
      }
    }
    return new CandidateSet(
        SchemaVersion.CURRENT,
        Stream.concat(
                Stream.of(new Dense()),
                families.stream().distinct().flatMap(family -> family.patterns(layout)).distinct())
            .toList());
  }

  /** These and more patterns; those that are there already stay once. */
  public CandidateSet with(List<? extends Pattern> more) {
    return new CandidateSet(
        schemaVersion, Stream.concat(candidates.stream(), more.stream()).distinct().toList());
  }

  /**
   * Reads a set.
   *
   * @throws BadInputException if the file is missing, or holds no candidates
   */
  public static CandidateSet read(Path file) {
    return JsonFile.read(file, CandidateSet.class, "candidate set");
  }
}
