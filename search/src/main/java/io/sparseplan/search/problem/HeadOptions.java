package io.sparseplan.search.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The candidates that are worth considering for each head, by ascending work over the workload.
 * Left out is what another candidate of the head beats: one that loses no more and is never slower.
 * Of equals the first of the profile stays. Nothing is lost by it, as no plan gets slower or loses
 * more when a head changes to the candidate that beats its own.
 */
public final class HeadOptions {
  private final List<List<Integer>> optionsOfHead = new ArrayList<>();
  private final int[][] better;

  HeadOptions(HeadLosses losses, LayerPrices prices, double[] workMicros) {
    better = new int[losses.heads()][];
    for (int place = 0; place < losses.heads(); place++) {
      better[place] = better(place, losses, prices);
      optionsOfHead.add(
          Arrays.stream(better[place])
              .distinct()
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(candidate -> workMicros[candidate])
                      .thenComparing(Comparator.naturalOrder()))
              .toList());
    }
  }

  /** The candidates of a head, cheapest first. */
  public List<Integer> of(int place) {
    return optionsOfHead.get(place);
  }

  /** The choice with every candidate that was left out replaced by one that beats it. */
  public int[] improved(int[] choice) {
    int[] improved = new int[choice.length];
    Arrays.setAll(improved, place -> better[place][choice[place]]);
    return improved;
  }

  /** For each candidate one that nothing beats and that beats it, or itself. */
  private static int[] better(int place, HeadLosses losses, LayerPrices prices) {
    int[] better = new int[prices.candidates()];
    for (int candidate = 0; candidate < better.length; candidate++) {
      better[candidate] = candidate;
      for (int other = 0; other < better.length; other++) {
        if (beats(other, better[candidate], place, losses, prices)) {
          better[candidate] = other;
        }
      }
    }
    return better;
  }

  /** A strict order: transitive, and never both ways. */
  private static boolean beats(
      int other, int candidate, int place, HeadLosses losses, LayerPrices prices) {
    double otherLoss = losses.mean(place, other);
    double loss = losses.mean(place, candidate);
    if (otherLoss > loss || !prices.neverSlower(other, candidate)) {
      return false;
    }
    boolean equal = otherLoss == loss && prices.neverSlower(candidate, other);
    return !equal || other < candidate;
  }
}
