package io.sparseplan.search.problem;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledLoss;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Losses at lengths that were not profiled.
 *
 * <p>Idea: beyond the profiled lengths the losses of a head grow by a power of the length, the same
 * for all of its candidates: the median of what each of them does between the two nearest lengths.
 * A power for each candidate follows noise: it is wrong by a third more. Between two profiled
 * lengths each loss lies on the line between its own. A candidate that drops nothing at the nearest
 * length, but something here, is taken to lose as much as the best candidate whose tiles are all
 * among its own: more than it will.
 */
public final class LossTrend {
  private final ProfiledLoss losses;
  private final List<Tokens> lengths;
  private final List<FixedPattern> candidates;
  private final TileGrid grid;
  private final Tokens length;
  private final boolean[] dropsNothing;
  private final Map<Integer, int[]> within = new HashMap<>();

  /**
   * @param length one that was not profiled
   * @throws BadInputException if fewer than two lengths were profiled, or a candidate is a selected
   *     pattern, whose tiles at the length nobody knows
   */
  public LossTrend(Profile profile, ProfiledLoss losses, Tokens length) {
    this.losses = losses;
    this.lengths = losses.lengths();
    this.length = length;
    if (lengths.size() < 2) {
      throw new BadInputException(
          "The length (%s) was not profiled, and the profile has one length alone (%s), which shows no trend."
              .formatted(length, lengths.getFirst()),
          "profile at two lengths or more, or with --lengths that hold this one.");
    }
    this.grid = Layout.of(profile.layout()).grid(length);
    this.candidates = profile.candidates().stream().map(pattern -> fixed(pattern, length)).toList();
    this.dropsNothing = new boolean[candidates.size()];
    for (int candidate = 0; candidate < dropsNothing.length; candidate++) {
      dropsNothing[candidate] = isWithin(new Dense(), candidates.get(candidate));
    }
  }

  /** Whether a profile shows a trend: with two lengths or more, and fixed patterns alone. */
  public static boolean isKnownOf(Profile profile) {
    return profile.lengths().size() > 1
        && profile.layout().video().isEmpty()
        && profile.candidates().stream().allMatch(FixedPattern.class::isInstance);
  }

  private static FixedPattern fixed(Pattern pattern, Tokens length) {
    return switch (pattern) {
      case FixedPattern fixed -> fixed;
      case DecodePattern decode ->
          throw new BadInputException(
              "The length (%s) was not profiled, and is out of range for the pattern %s, which chooses tokens by the scores of each prompt."
                  .formatted(length, decode.label()),
              "leave such patterns out with --family, or profile with --lengths that hold this one.");
      case SelectedPattern selected ->
          throw new BadInputException(
              "The length (%s) was not profiled, and is out of range for the pattern %s, which picks its tiles by the scores of each prompt."
                  .formatted(length, selected.label()),
              "leave such patterns out with --family, or profile with --lengths that hold this one.");
    };
  }

  /** The losses of the candidates of one head at the length. */
  double[] ofHead(int head) {
    int after = (int) lengths.stream().filter(other -> other.compareTo(length) < 0).count();
    boolean between = after > 0 && after < lengths.size();
    double[] found = between ? between(after, head) : beyond(Math.max(1, after - 1), head);
    for (int candidate = 0; candidate < found.length; candidate++) {
      if (dropsNothing[candidate]) {
        found[candidate] = 0;
      }
    }
    return between ? found : withUnknown(found);
  }

  private double[] between(int after, int head) {
    double[] shorter = losses.ofHead(lengths.get(after - 1), head);
    double[] longer = losses.ofHead(lengths.get(after), head);
    double share =
        steps(lengths.get(after - 1), length) / steps(lengths.get(after - 1), lengths.get(after));
    double[] found = new double[shorter.length];
    Arrays.setAll(
        found, candidate -> shorter[candidate] + share * (longer[candidate] - shorter[candidate]));
    return found;
  }

  /**
   * @param second the longer of the two nearest lengths
   */
  private double[] beyond(int second, int head) {
    double[] shorter = losses.ofHead(lengths.get(second - 1), head);
    double[] longer = losses.ofHead(lengths.get(second), head);
    double[] powers =
        IntStream.range(0, shorter.length)
            .filter(candidate -> shorter[candidate] > 0 && longer[candidate] > 0)
            .mapToDouble(candidate -> Math.log(longer[candidate] / shorter[candidate]))
            .sorted()
            .toArray();
    double power =
        powers.length == 0
            ? 0
            : median(powers) / steps(lengths.get(second - 1), lengths.get(second));
    boolean isLonger = length.compareTo(lengths.get(second)) > 0;
    double[] nearest = isLonger ? longer : shorter;
    Tokens from = lengths.get(isLonger ? second : second - 1);
    double factor = Math.exp(power * steps(from, length));
    return Arrays.stream(nearest).map(loss -> loss * factor).toArray();
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** By how much the logarithm of the length grows. */
  private static double steps(Tokens from, Tokens to) {
    return Math.log((double) to.count() / from.count());
  }

  private double[] withUnknown(double[] known) {
    double[] found = known.clone();
    double most = DoubleStream.of(known).max().orElseThrow();
    for (int candidate = 0; candidate < found.length; candidate++) {
      if (known[candidate] == 0 && !dropsNothing[candidate]) {
        found[candidate] = leastWithin(candidate, known).orElse(most);
      }
    }
    return found;
  }

  private OptionalDouble leastWithin(int candidate, double[] known) {
    return Arrays.stream(within.computeIfAbsent(candidate, this::allWithin))
        .filter(other -> known[other] > 0)
        .mapToDouble(other -> known[other])
        .min();
  }

  private int[] allWithin(int candidate) {
    return IntStream.range(0, candidates.size())
        .filter(other -> isWithin(candidates.get(other), candidates.get(candidate)))
        .toArray();
  }

  /** Whether the one visits no tile that the other does not. */
  private boolean isWithin(FixedPattern one, FixedPattern other) {
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      int[] of = other.keyTiles(grid, queryTile);
      for (int keyTile : one.keyTiles(grid, queryTile)) {
        if (Arrays.binarySearch(of, keyTile) < 0) {
          return false;
        }
      }
    }
    return true;
  }
}
