package io.sparseplan.cli;

import io.sparseplan.profiler.statistics.CandidateSet;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which patterns to score. */
final class CandidateOptions {
  @Option(
      names = "--candidates",
      paramLabel = "FILE",
      description =
          "The patterns to score for every head (default: what \"show candidates --format json\""
              + " prints, which you may edit).")
  private Optional<Path> file = Optional.empty();

  /**
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or holds no candidates
   */
  CandidateSet scored() {
    return file.map(CandidateSet::read).orElseGet(CandidateSet::standard);
  }
}
