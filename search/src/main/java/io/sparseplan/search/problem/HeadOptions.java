package io.sparseplan.search.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The candidates that differ for each head, by ascending work over the workload. Of several that
 * have the same loss, the same blocks and the same cache at every length, and the same reads where
 * these are limited, such as windows that cover the prompt, only the first of the profile stays: a
 * plan cannot tell them apart. All stay where a layer may have only so many candidates or a head
 * had one before, as there their names matter. A pinned head has one option.
 */
public final class HeadOptions {
  private final List<List<Integer>> optionsOfHead = new ArrayList<>();
  private final int[][] first;

  /**
   * @param compared losses by which a plan could tell candidates apart
   * @param meters of what is limited
   */
  HeadOptions(
      HeadLosses losses,
      List<HeadLosses> compared,
      LayerPrices prices,
      List<LimitMeter> meters,
      double[] workMicros,
      ChoiceRules rules) {
    first = new int[losses.heads()][];
    for (int place = 0; place < losses.heads(); place++) {
      int head = place;
      if (rules.isPinned(place)) {
        first[place] = new int[prices.candidates()];
        Arrays.fill(first[place], rules.pinned()[place]);
      } else if (rules.limitsPatterns() || rules.limitsChanges()) {
        first[place] = IntStream.range(0, prices.candidates()).toArray();
      } else {
        first[place] = first(place, compared, prices, meters, rules.offers());
      }
      optionsOfHead.add(
          Arrays.stream(first[place])
              .filter(candidate -> rules.offers().isFor(candidate, head))
              .distinct()
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(candidate -> workMicros[candidate])
                      .thenComparingDouble(candidate -> losses.mean(head, candidate)))
              .toList());
    }
  }

  private static boolean cachesAlike(int one, int other, LayerPrices prices) {
    return IntStream.range(0, prices.lengths())
        .allMatch(n -> prices.leastCacheRatio(n, one) == prices.leastCacheRatio(n, other));
  }

  private static boolean limitedAlike(int one, int other, List<LimitMeter> meters) {
    return meters.stream()
        .allMatch(meter -> meter.candidateParts(one) == meter.candidateParts(other));
  }

  private static boolean losesAlike(int place, int one, int other, List<HeadLosses> compared) {
    return compared.stream()
        .allMatch(losses -> losses.mean(place, one) == losses.mean(place, other));
  }

  /** The candidates of a head, cheapest first. */
  public List<Integer> of(int place) {
    return optionsOfHead.get(place);
  }

  /** The same plan in terms of the heads' options, with every pinned head as it is pinned. */
  public int[] inOptions(int[] choice) {
    int[] options = new int[choice.length];
    Arrays.setAll(options, place -> first[place][choice[place]]);
    return options;
  }

  /** For each candidate the first that a plan cannot tell from it, perhaps itself. */
  private static int[] first(
      int place,
      List<HeadLosses> compared,
      LayerPrices prices,
      List<LimitMeter> meters,
      Offers offers) {
    int[] first = new int[prices.candidates()];
    for (int candidate = 0; candidate < first.length; candidate++) {
      if (!offers.isFor(candidate, place)) {
        first[candidate] = candidate;
        continue;
      }
      int same = 0;
      while (!offers.isFor(same, place)
          || !losesAlike(place, same, candidate, compared)
          || !prices.neverSlower(same, candidate)
          || !prices.neverSlower(candidate, same)
          || !cachesAlike(same, candidate, prices)
          || !limitedAlike(same, candidate, meters)) {
        same++;
      }
      first[candidate] = same;
    }
    return first;
  }
}
