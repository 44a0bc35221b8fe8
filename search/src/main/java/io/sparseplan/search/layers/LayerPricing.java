package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.problem.TimeSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Finds the tuple of candidates of one layer whose loss and priced, simulated time are least, by
 * best-first branch and bound over boxes of tuples: the box with the lowest {@link BoxBound} is cut
 * in two at the head whose work the bound underrates most. Every favourite is simulated, so the
 * best tuple known improves on the way; stopping early leaves the lowest bound of an open box.
 *
 * <p>Where a layer may have only so many different candidates, there is a box to begin with for
 * each set of so many; most are never looked into, as their tuples cost too much even if the work
 * were spread evenly.
 */
final class LayerPricing {
  private final SearchProblem problem;
  private final FastestCandidates fastest;
  private final int layer;
  private final List<int[]> sets;

  /**
   * @param bound no tuple of the layer has a lower priced value; infinite if none keeps to the
   *     rules
   * @param complete whether the bound is the best tuple's own value
   */
  record Result(double bound, boolean complete) {}

  /** When to stop. */
  record Effort(long simulations, int boxes) {}

  /** Candidates, and a bound of the tuples that have no others. */
  private record Root(int[] candidates, double bound) {}

  /**
   * @param sets every tuple that the layer may have is of one of them
   */
  LayerPricing(SearchProblem problem, FastestCandidates fastest, int layer, List<int[]> sets) {
    this.problem = problem;
    this.fastest = fastest;
    this.layer = layer;
    this.sets = sets;
  }

  Result price(Tariff tariff, Effort effort, TimeSession times) {
    long lastSimulation = times.simulations() + effort.simulations();
    List<Root> roots = roots(tariff);
    int nextRoot = 0;
    double best = Double.POSITIVE_INFINITY;
    var open = new PriorityQueue<Box>();
    for (int boxes = 0; !open.isEmpty() || nextRoot < roots.size(); boxes++) {
      boolean isRoot =
          nextRoot < roots.size()
              && (open.isEmpty() || roots.get(nextRoot).bound() <= open.peek().bound());
      double least = isRoot ? roots.get(nextRoot).bound() : open.peek().bound();
      if (least >= best) {
        break;
      }
      if (boxes > effort.boxes() || boxes > 0 && times.simulations() >= lastSimulation) {
        return new Result(least, false);
      }
      for (Box box :
          isRoot
              ? whole(roots.get(nextRoot++), tariff, times)
              : halves(open.poll(), tariff, times)) {
        best = Math.min(best, value(box, tariff, times));
        if (!box.isSingle() && box.bound() < best) {
          open.add(box);
        }
      }
    }
    return new Result(best, true);
  }

  /** The sets of which every head has an option, by the bound for evenly spread work. */
  private List<Root> roots(Tariff tariff) {
    int heads = problem.heads().inLayer();
    double[] workPrice = new double[problem.prices().candidates()];
    double launches = 0;
    for (int n = 0; n < tariff.lossPerMicro().length; n++) {
      for (int candidate = 0; candidate < workPrice.length; candidate++) {
        workPrice[candidate] +=
            tariff.lossPerMicro()[n] * problem.prices().headWorkMicros(n, candidate);
      }
      launches += tariff.lossPerMicro()[n] * problem.prices().launchMicros();
    }
    double[][] priced = new double[heads][workPrice.length];
    for (int head = 0; head < heads; head++) {
      int place = layer * heads + head;
      Arrays.fill(priced[head], Double.POSITIVE_INFINITY);
      for (int candidate : problem.options().of(place)) {
        priced[head][candidate] =
            problem.losses().mean(place, candidate)
                + tariff.lossPerChange() * problem.rules().changes(place, candidate)
                + tariff.lossOfCandidate()[candidate]
                + workPrice[candidate];
      }
    }
    List<Root> roots = new ArrayList<>();
    for (int[] set : sets) {
      double bound = launches;
      for (double[] ofHead : priced) {
        double least = Double.POSITIVE_INFINITY;
        for (int candidate : set) {
          least = Math.min(least, ofHead[candidate]);
        }
        bound += least;
      }
      if (bound < Double.POSITIVE_INFINITY) {
        roots.add(new Root(set, bound));
      }
    }
    roots.sort(Comparator.comparingDouble(Root::bound));
    return roots;
  }

  private List<Box> whole(Root root, Tariff tariff, TimeSession times) {
    LayerOptions options =
        LayerOptions.of(
            problem,
            fastest,
            layer,
            candidate -> Arrays.binarySearch(root.candidates(), candidate) >= 0);
    int[] high = new int[options.heads()];
    Arrays.setAll(high, options::last);
    return List.of(new BoxBound(problem, times, options, tariff).of(new int[high.length], high));
  }

  private List<Box> halves(Box box, Tariff tariff, TimeSession times) {
    Cut cut = cut(box);
    int[] below = box.high().clone();
    below[cut.head()] = cut.rank() - 1;
    int[] above = box.low().clone();
    above[cut.head()] = cut.rank();
    var bounds = new BoxBound(problem, times, box.options(), tariff);
    List<Box> halves = new ArrayList<>();
    for (Box half : List.of(bounds.of(box.low(), below), bounds.of(above, box.high()))) {
      halves.add(half.withBoundOfAtLeast(box.bound()));
    }
    return halves;
  }

  /** The priced value of the box's favourite, infinite if a layer may not have it. */
  private double value(Box box, Tariff tariff, TimeSession times) {
    int[] rank = box.favourite();
    int[] tuple = box.options().tuple(rank);
    if (problem.rules().patternsTooMany(tuple) > 0) {
      return Double.POSITIVE_INFINITY;
    }
    double[] micros = times.micros(tuple);
    double value = 0;
    for (int n = 0; n < micros.length; n++) {
      value += tariff.lossPerMicro()[n] * micros[n];
    }
    for (int head = 0; head < rank.length; head++) {
      value +=
          box.options().lossAndChanges(tariff, head, rank[head])
              + tariff.lossOfCandidate()[tuple[head]];
    }
    return value;
  }

  /** The upper half gets the options from this rank on. */
  private record Cut(int head, int rank) {}

  /**
   * Halfway between the fastest option and the favourite, of the head where their work differs
   * most; where the favourite is the fastest, that one from the rest, of the head where that
   * separates the most loss.
   */
  private Cut cut(Box box) {
    LayerOptions options = box.options();
    int head = -1;
    double most = 0;
    for (int h = 0; h < options.heads(); h++) {
      int[] candidate = options.candidate()[h];
      double apart =
          problem.workMicros(candidate[box.favourite()[h]])
              - problem.workMicros(candidate[box.low()[h]]);
      if (apart > most) {
        most = apart;
        head = h;
      }
    }
    if (head >= 0) {
      return new Cut(head, (box.low()[head] + box.favourite()[head] + 1) / 2);
    }
    double mostLoss = -1;
    for (int h = 0; h < options.heads(); h++) {
      double apart = options.loss()[h][box.low()[h]] - options.loss()[h][box.high()[h]];
      if (box.high()[h] > box.low()[h] && apart > mostLoss) {
        mostLoss = apart;
        head = h;
      }
    }
    return new Cut(head, box.low()[head] + 1);
  }
}
