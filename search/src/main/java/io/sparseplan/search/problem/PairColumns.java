package io.sparseplan.search.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Some tuples of each layer, where a layer may have at most two different candidates and there are
 * several costs, so that too many tuples are undominated to list them all.
 *
 * <p>Idea: at given prices of all costs, the best tuple for two candidates gives each head the
 * cheaper of them. The best pairs' tuples join the menu; the best of all bounds what the layer can
 * have at these prices (column generation: Dantzig and Wolfe, Operations Research 8, 1960).
 */
final class PairColumns implements Menu {
  /** Tuples that a layer gets at new prices. */
  private static final int NEW_TUPLES = 24;

  private final SearchProblem problem;
  private final List<List<int[]>> tuplesOfLayer = new ArrayList<>();
  private final List<Set<List<Integer>>> known = new ArrayList<>();
  private int count;

  /** Begins with the uniform tuples. */
  PairColumns(SearchProblem problem) {
    this.problem = problem;
    for (int layer = 0; layer < problem.heads().layers(); layer++) {
      tuplesOfLayer.add(new ArrayList<>());
      known.add(new HashSet<>());
    }
    for (int candidate = 0; candidate < problem.prices().candidates(); candidate++) {
      int[] uniform = problem.uniform(candidate);
      for (int layer = 0; layer < tuplesOfLayer.size(); layer++) {
        add(layer, problem.heads().ofLayer(uniform, layer));
      }
    }
  }

  private void add(int layer, int[] tuple) {
    if (known.get(layer).add(Arrays.stream(tuple).boxed().toList())) {
      tuplesOfLayer.get(layer).add(tuple);
      count++;
    }
  }

  /** How many tuples are listed, of all layers. */
  int count() {
    return count;
  }

  /** The priced value of one candidate in one head. */
  @FunctionalInterface
  interface Priced {
    double of(int place, int candidate);
  }

  /** Adds the tuples that are best at these prices; returns what all layers have at least. */
  double extend(Priced priced) {
    List<List<Pair>> best =
        IntStream.range(0, tuplesOfLayer.size())
            .parallel()
            .mapToObj(layer -> bestPairs(layer, priced))
            .toList();
    double least = 0;
    for (int layer = 0; layer < best.size(); layer++) {
      least += best.get(layer).getFirst().value();
      for (Pair pair : best.get(layer)) {
        add(layer, tuple(layer, pair, priced));
      }
    }
    return least;
  }

  private record Pair(int a, int b, double value) {}

  private List<Pair> bestPairs(int layer, Priced priced) {
    int heads = problem.heads().inLayer();
    int candidates = problem.prices().candidates();
    boolean alone = problem.rules().maxPatternsOfLayer() == 1;
    double[][] value = new double[heads][candidates];
    for (int head = 0; head < heads; head++) {
      int pin = problem.rules().pinned()[layer * heads + head];
      for (int candidate = 0; candidate < candidates; candidate++) {
        boolean may = pin == ChoiceRules.FREE || pin == candidate;
        value[head][candidate] =
            may ? priced.of(layer * heads + head, candidate) : Double.POSITIVE_INFINITY;
      }
    }
    List<Pair> pairs = new ArrayList<>();
    double[] sums = new double[candidates];
    for (int a = 0; a < candidates; a++) {
      Arrays.fill(sums, 0);
      for (double[] ofHead : value) {
        double ofA = ofHead[a];
        for (int b = a; b < candidates; b++) {
          sums[b] += Math.min(ofA, ofHead[b]);
        }
      }
      for (int b = a; b < (alone ? a + 1 : candidates); b++) {
        if (sums[b] < Double.POSITIVE_INFINITY) {
          pairs.add(new Pair(a, b, sums[b]));
        }
      }
    }
    pairs.sort(Comparator.comparingDouble(Pair::value));
    return pairs.subList(0, Math.min(NEW_TUPLES, pairs.size()));
  }

  private int[] tuple(int layer, Pair pair, Priced priced) {
    int heads = problem.heads().inLayer();
    int[] tuple = problem.heads().ofLayer(problem.rules().pinned(), layer);
    for (int head = 0; head < heads; head++) {
      if (tuple[head] == ChoiceRules.FREE) {
        int place = layer * heads + head;
        tuple[head] =
            priced.of(place, pair.a()) <= priced.of(place, pair.b()) ? pair.a() : pair.b();
      }
    }
    return tuple;
  }

  @Override
  public long[][] sums(OfHead values) {
    long[][] sums = new long[tuplesOfLayer.size()][];
    for (int layer = 0; layer < sums.length; layer++) {
      int first = layer * problem.heads().inLayer();
      List<int[]> tuples = tuplesOfLayer.get(layer);
      sums[layer] = new long[tuples.size()];
      for (int at = 0; at < sums[layer].length; at++) {
        int[] tuple = tuples.get(at);
        for (int head = 0; head < tuple.length; head++) {
          sums[layer][at] += values.of(first + head, tuple[head]);
        }
      }
    }
    return sums;
  }

  @Override
  public int[] choice(int[] chosen) {
    return IntStream.range(0, chosen.length)
        .flatMap(layer -> Arrays.stream(tuplesOfLayer.get(layer).get(chosen[layer])))
        .toArray();
  }
}
