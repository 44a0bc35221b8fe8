package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Finds the tuple of candidates of one layer whose loss and priced, simulated time are least, by
 * best-first branch and bound over boxes of tuples: the box with the lowest {@link BoxBound} is cut
 * in two at the head whose work the bound underrates most. Every favourite is simulated, so the
 * best tuple known improves on the way; stopping early leaves the lowest bound of an open box.
 */
final class LayerPricing {
  private final SearchProblem problem;
  private final LayerOptions options;

  /**
   * @param bound no tuple of the layer has a lower priced value
   * @param complete whether the bound is the best tuple's own value
   */
  record Result(double bound, boolean complete) {}

  /** When to stop. */
  record Effort(long simulations, int boxes) {}

  LayerPricing(SearchProblem problem, LayerOptions options) {
    this.problem = problem;
    this.options = options;
  }

  Result price(Tariff tariff, Effort effort) {
    var bounds = new BoxBound(problem, options, tariff);
    long lastSimulation = problem.simulations() + effort.simulations();
    int[] high = new int[options.heads()];
    Arrays.setAll(high, options::last);
    Box whole = bounds.of(new int[options.heads()], high);
    double best = value(whole.favourite(), tariff);
    var open = new PriorityQueue<Box>();
    if (!whole.isSingle()) {
      open.add(whole);
    }
    for (int boxes = 0; !open.isEmpty(); boxes++) {
      Box box = open.poll();
      if (box.bound() >= best) {
        break;
      }
      if (boxes >= effort.boxes() || problem.simulations() >= lastSimulation) {
        return new Result(box.bound(), false);
      }
      Cut cut = cut(box);
      int[] below = box.high().clone();
      below[cut.head()] = cut.rank() - 1;
      int[] above = box.low().clone();
      above[cut.head()] = cut.rank();
      for (Box half : new Box[] {bounds.of(box.low(), below), bounds.of(above, box.high())}) {
        best = Math.min(best, value(half.favourite(), tariff));
        double bound = Math.max(half.bound(), box.bound());
        if (!half.isSingle() && bound < best) {
          open.add(new Box(half.low(), half.high(), half.favourite(), bound));
        }
      }
    }
    return new Result(best, true);
  }

  private double value(int[] rank, Tariff tariff) {
    int[] tuple = options.tuple(rank);
    double[] micros = problem.times().micros(tuple);
    double value = 0;
    for (int n = 0; n < micros.length; n++) {
      value += tariff.lossPerMicro()[n] * micros[n];
    }
    for (int head = 0; head < rank.length; head++) {
      value += options.loss()[head][rank[head]] + tariff.lossOfCandidate()[tuple[head]];
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
