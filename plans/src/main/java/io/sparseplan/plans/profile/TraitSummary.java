package io.sparseplan.plans.profile;

import io.sparseplan.plans.geometry.Tokens;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One head's {@link HeadTraits} over several prompts.
 *
 * @param retrieval copy hits of all prompts ÷ their needle tokens, 0..1: Wu et al.'s retrieval
 *     score, above 0.1 for a retrieval head (arXiv 2404.15574, §2.1); empty if no prompt has a
 *     needle
 * @param verticals mean over prompts, as the next five
 * @param keptDensity tiles that hold {@value KeptTiles#MASS_SHARE} of each query tile's weight ÷
 *     visible tiles
 * @param keptAgreement mean {@link KeptTiles#agreement} over all pairs of prompts of one length;
 *     empty if no two have the same
 * @param antidiagonalThreshold the largest over prompts, as XAttention takes it
 * @param channels the head's channels by the mean of {@link HeadTraits#channelProducts}, the
 *     largest first; of equals the first
 */
public record TraitSummary(
    Optional<Double> retrieval,
    double verticals,
    double slashes,
    double slashBlocks,
    double antidiagonalRecall,
    double antidiagonalDensity,
    double keptDensity,
    Optional<Double> keptAgreement,
    double antidiagonalThreshold,
    List<Integer> channels) {
  public TraitSummary {
    channels = List.copyOf(channels);
  }

  /**
   * @param prompts that have traits, ordered by hash; perhaps none
   */
  static Optional<TraitSummary> of(List<PromptStatistics> prompts, int place) {
    if (prompts.isEmpty()) {
      return Optional.empty();
    }
    List<PromptTraits> all = prompts.stream().flatMap(prompt -> prompt.traits().stream()).toList();
    List<HeadTraits> heads = all.stream().map(traits -> traits.heads().get(place)).toList();
    return Optional.of(
        new TraitSummary(
            retrieval(prompts, place),
            mean(heads, head -> head.verticalSlash().verticals()),
            mean(heads, head -> head.verticalSlash().slashes()),
            mean(heads, head -> head.verticalSlash().slashBlocks()),
            mean(heads, head -> head.antidiagonal().recall()),
            mean(heads, head -> head.antidiagonal().density()),
            mean(heads, head -> head.keptTiles().density()),
            agreement(prompts, place),
            heads.stream().mapToDouble(head -> head.antidiagonal().threshold()).max().orElse(0),
            ranking(heads)));
  }

  /**
   * The retrieval score of one head over those of the prompts that have traits; empty if none has a
   * needle.
   */
  public static Optional<Double> retrieval(List<PromptStatistics> prompts, int place) {
    List<PromptTraits> all = prompts.stream().flatMap(prompt -> prompt.traits().stream()).toList();
    long needles = all.stream().mapToLong(PromptTraits::needleTokens).sum();
    long hits = all.stream().mapToLong(traits -> traits.heads().get(place).copyHits()).sum();
    return needles == 0 ? Optional.empty() : Optional.of((double) hits / needles);
  }

  private static double mean(List<HeadTraits> heads, ToDoubleFunction<HeadTraits> trait) {
    return heads.stream().mapToDouble(trait).average().orElseThrow();
  }

  private static Optional<Double> agreement(List<PromptStatistics> prompts, int place) {
    Map<Tokens, List<KeptTiles>> ofLength =
        prompts.stream()
            .collect(
                Collectors.groupingBy(
                    PromptStatistics::length,
                    TreeMap::new,
                    Collectors.flatMapping(
                        prompt ->
                            prompt.traits().stream()
                                .map(traits -> traits.heads().get(place).keptTiles()),
                        Collectors.toList())));
    OptionalDouble mean =
        ofLength.values().stream().flatMapToDouble(KeptTiles::agreements).average();
    return mean.isEmpty() ? Optional.empty() : Optional.of(mean.getAsDouble());
  }

  private static List<Integer> ranking(List<HeadTraits> heads) {
    double[] sums = new double[heads.getFirst().channelProducts().length];
    for (HeadTraits head : heads) {
      for (int channel = 0; channel < sums.length; channel++) {
        sums[channel] += head.channelProducts()[channel];
      }
    }
    return IntStream.range(0, sums.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer channel) -> -sums[channel]))
        .toList();
  }
}
