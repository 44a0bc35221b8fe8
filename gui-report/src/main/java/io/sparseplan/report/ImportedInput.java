package io.sparseplan.report;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledLoss;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.plans.profile.SelectedTiles;
import io.sparseplan.report.source.PlanDevice;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What a report of an imported plan is made of: the plan, and whatever else is known of it. Its
 * file has no goal, no prediction and no bound, so these have no place here.
 *
 * @param device what it is priced with
 * @param workload that it is priced for, as its file names none
 * @throws BadInputException if they are not of the same model
 */
public record ImportedInput(
    ImportedPlan plan,
    PlanDevice device,
    Workload workload,
    Optional<Profile> profile,
    Optional<Evaluation> evaluation) {
  public ImportedInput {
    profile.ifPresent(found -> ReportInput.requireModel("profile", found.model(), plan.model()));
    evaluation.ifPresent(
        found -> ReportInput.requireModel("evaluation", found.model(), plan.model()));
  }

  /** What every head runs on prompts, in layer-major order. */
  public List<Pattern> patternOfHead() {
    return plan.heads().stream().<Pattern>map(head -> head.prefill()).toList();
  }

  /** The lengths of the workload. */
  public List<Tokens> lengths() {
    return workload.lengths().stream().map(Workload.Entry::length).toList();
  }

  /** How many tiles patterns visit that pick them on each prompt. */
  public SelectedTiles selectedTiles() {
    return profile.<SelectedTiles>map(ProfiledTiles::new).orElse(SelectedTiles.NONE);
  }

  /** Whether the profile has scored the pattern, at this length. */
  private Optional<Profile> scored(Pattern pattern, Tokens length) {
    return profile
        .filter(found -> found.candidates().contains(pattern))
        .filter(found -> found.lengths().contains(length))
        .filter(found -> found.layout().tile().equals(plan.layout().tile()));
  }

  /** Visited tiles ÷ tiles of dense, mean over the heads that run the pattern, where known. */
  public OptionalDouble density(Pattern pattern, Tokens length) {
    if (pattern instanceof FixedPattern fixed) {
      return OptionalDouble.of(fixed.on(plan.layout().grid(length)).density());
    }
    if (pattern instanceof SelectedPattern selected && scored(pattern, length).isPresent()) {
      var tiles = new ProfiledTiles(profile.orElseThrow());
      return IntStream.range(0, plan.heads().size())
          .filter(place -> plan.heads().get(place).prefill().equals(pattern))
          .mapToDouble(place -> tiles.density(place, selected, length))
          .average();
    }
    return OptionalDouble.empty();
  }

  /** What losses of the profile are in: what a search of it would take. */
  public Optional<LossStatistic> statistic() {
    return profile.map(
        found -> LossStatistic.ofWholeOutput(found).orElse(LossStatistic.OUTPUT_ERROR));
  }

  /** The loss summed over heads, where the profile has scored all of them at this length. */
  public OptionalDouble loss(Tokens length) {
    if (patternOfHead().stream().anyMatch(pattern -> scored(pattern, length).isEmpty())) {
      return OptionalDouble.empty();
    }
    Profile found = profile.orElseThrow();
    var losses = new ProfiledLoss(found, statistic().orElseThrow());
    return OptionalDouble.of(
        IntStream.range(0, plan.heads().size())
            .mapToDouble(
                place ->
                    losses
                        .ofHead(length, place)[
                        found.candidates().indexOf(plan.heads().get(place).prefill())])
            .sum());
  }
}
