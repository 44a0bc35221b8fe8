package io.sparseplan.plans.profile;

import io.sparseplan.plans.model.HeadId;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What kind of head one head is, over several prompts of a profile. Sums are taken in the order of
 * the prompts' hashes.
 *
 * @param entropyBits mean over prompts of {@link HeadStatistics#entropyBits}
 * @param sinkMass likewise of {@link HeadStatistics#sinkMass}
 * @param ownTileMass likewise of the weight on the query's own tile
 * @param echo of {@link InductionScores}; empty if the profile has none
 * @param induction likewise
 * @param traits over those of the prompts that have traits; empty if none has
 */
public record HeadSummary(
    HeadId id,
    double entropyBits,
    double sinkMass,
    double ownTileMass,
    Optional<Double> echo,
    Optional<Double> induction,
    Optional<TraitSummary> traits) {
  /**
   * One head's summary.
   *
   * @param prompts one or more, ordered by hash
   */
  public static HeadSummary of(Profile profile, int place, List<PromptStatistics> prompts) {
    return new HeadSummary(
        HeadId.atPlace(place, profile.model().attention().queryHeads()),
        mean(prompts, place, HeadStatistics::entropyBits),
        mean(prompts, place, HeadStatistics::sinkMass),
        mean(prompts, place, head -> head.massByDistance()[0]),
        profile.induction().map(scores -> scores.echo(place)),
        profile.induction().map(scores -> scores.induction(place)),
        TraitSummary.of(
            prompts.stream().filter(prompt -> prompt.traits().isPresent()).toList(), place));
  }

  /** All heads in layer-major order, over these prompts of the profile. */
  public static List<HeadSummary> all(Profile profile, List<PromptStatistics> prompts) {
    return IntStream.range(0, profile.model().headCount())
        .mapToObj(place -> of(profile, place, prompts))
        .toList();
  }

  private static double mean(
      List<PromptStatistics> prompts, int place, ToDoubleFunction<HeadStatistics> statistic) {
    return prompts.stream()
        .mapToDouble(prompt -> statistic.applyAsDouble(prompt.heads().get(place)))
        .average()
        .orElseThrow();
  }
}
