package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.FrozenVerticalSlash;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Patterns frozen from the calibration prompts of a profile, to be scored like any others. */
public final class FrozenCandidates {
  /** Of more, those that fit most heads are taken. */
  static final int MOST = 12;

  private FrozenCandidates() {}

  /**
   * What the heads that look alike on all prompts look at, each once; those that most heads have
   * first. Found at the longest length whose kept tiles are told apart.
   *
   * @throws BadInputException if the profile has no two prompts of such a length
   */
  public static List<FrozenVerticalSlash> of(Profile profile) {
    List<PromptTraits> prompts =
        profile.promptsOf(longest(profile)).stream()
            .flatMap(prompt -> prompt.traits().stream())
            .toList();
    Map<FrozenVerticalSlash, Long> headsOf =
        IntStream.range(0, profile.model().headCount())
            .mapToObj(
                head ->
                    FrozenLines.of(
                        prompts.stream()
                            .map(traits -> traits.heads().get(head).keptTiles())
                            .toList(),
                        profile.tile()))
            .flatMap(Optional::stream)
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    return headsOf.entrySet().stream()
        .sorted(
            Map.Entry.<FrozenVerticalSlash, Long>comparingByValue()
                .reversed()
                .thenComparing(
                    entry -> entry.getKey().columns().size() + entry.getKey().distances().size())
                .thenComparing(entry -> entry.getKey().label()))
        .limit(MOST)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Tokens longest(Profile profile) {
    Stream<Tokens> lengths =
        profile.lengths().stream()
            .filter(length -> profile.layout().grid(length).tiles() <= KeptTiles.MAX_SIDE)
            .filter(
                length ->
                    profile.promptsOf(length).stream()
                            .filter(prompt -> prompt.traits().isPresent())
                            .count()
                        > 1);
    return lengths
        .max(Comparator.naturalOrder())
        .orElseThrow(
            () ->
                new BadInputException(
                    "The profile has no two prompts of one length of at most %d tiles, with traits."
                        .formatted(KeptTiles.MAX_SIDE),
                    "profile several prompts of such a length, not a capture."));
  }
}
