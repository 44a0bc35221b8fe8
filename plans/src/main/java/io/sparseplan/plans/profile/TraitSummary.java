package io.sparseplan.plans.profile;

import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
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
            agreement(prompts, heads),
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

  private static Optional<Double> agreement(
      List<PromptStatistics> prompts, List<HeadTraits> heads) {
    var agreements = new ArrayList<Double>();
    for (int one = 0; one < heads.size(); one++) {
      Tokens length = prompts.get(one).length();
      for (int other = one + 1; other < heads.size(); other++) {
        if (prompts.get(other).length().equals(length)) {
          agreements.add(heads.get(one).keptTiles().agreement(heads.get(other).keptTiles()));
        }
      }
    }
    return agreements.isEmpty()
        ? Optional.empty()
        : Optional.of(agreements.stream().mapToDouble(Double::doubleValue).average().orElse(0));
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
