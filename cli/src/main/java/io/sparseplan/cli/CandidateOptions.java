package io.sparseplan.cli;

import io.sparseplan.profiler.statistics.CandidateSet;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which patterns to score. */
final class CandidateOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--candidates",
      paramLabel = "FILE",
      description =
          "The patterns to score for every head (default: what \"show candidates --format json\""
              + " prints, which you may edit).")
  private Optional<Path> file = Optional.empty();

  @Mixin private FamilyOption family;

  /**
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or holds no candidates
   */
  CandidateSet scored() {
    if (file.isPresent() && family.isGiven()) {
      throw new ParameterException(
          command.commandLine(),
          "--candidates and --family both say what to score.\nMaybe leave one out.");
    }
    if (file.isPresent()) {
      return CandidateSet.read(file.get());
    }
    return family.isGiven() ? CandidateSet.of(family.families()) : CandidateSet.standard();
  }
}
