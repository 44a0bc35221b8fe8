package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.pattern.Candidates;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  @Option(
      names = "--patterns-of",
      paramLabel = "PLAN",
      description =
          "Scores the patterns of this plan too, an imported one for example, so that search --from"
              + " can start from it. May be given again.")
  private List<Path> plans = new ArrayList<>();

  @Mixin private FamilyOption family;

  /** What to score for a language model. */
  CandidateSet scored() {
    return scored(TokenLayout.causal(TileSize.DEFAULT));
  }

  /**
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or holds no candidates,
   *     or a family means nothing where tokens lie so
   */
  CandidateSet scored(TokenLayout layout) {
    if (file.isPresent() && family.isGiven()) {
      throw new ParameterException(
          command.commandLine(),
          "--candidates and --family both say what to score.\nMaybe leave one out.");
    }
    if (file.isPresent()) {
      return withPlans(read(file.get(), layout), layout);
    }
    CandidateSet set =
        family.isGiven()
            ? CandidateSet.of(family.families(layout), layout)
            : CandidateSet.standard(layout);
    return withPlans(set, layout);
  }

  private CandidateSet withPlans(CandidateSet set, TokenLayout layout) {
    CandidateSet all = set;
    for (Path plan : plans) {
      List<Pattern> patterns =
          HeadPlan.read(plan).heads().stream().map(PlannedHead::prefill).distinct().toList();
      try {
        Candidates.requireFit(patterns, layout);
      } catch (IllegalArgumentException e) {
        throw new BadInputException(
            "The plan (%s) does not fit: %s".formatted(plan, e.getMessage()),
            "name a plan of this model.",
            e);
      }
      all = all.with(patterns);
    }
    return all;
  }

  private static CandidateSet read(Path file, TokenLayout layout) {
    CandidateSet set = CandidateSet.read(file);
    try {
      Candidates.requireFit(set.candidates(), layout);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "The candidate set (%s) does not fit: %s".formatted(file, e.getMessage()),
          "leave that pattern out; docs/families.md says which fit.",
          e);
    }
    return set;
  }
}
