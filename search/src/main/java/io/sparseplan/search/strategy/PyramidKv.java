package io.sparseplan.search.strategy;

import java.util.Arrays;
import java.util.Optional;

/**
 * PyramidKV's budgets by layer (arXiv 2406.02069, as in KVCache-Factory): an arithmetic series that
 * falls from the first layer to the last, the same for all heads of a layer, whatever the model
 * does. Each layer runs the densest candidate within its budget. The knob is the mean budget.
 */
public record PyramidKv(PeerInput input) implements PeerStrategy {
  /** The mean budget ÷ that of the last layer ({@code beta}). */
  private static final double STEEPNESS = 20;

  @Override
  public Optional<int[]> choose(double generosity) {
    int inLayer = input.problem().heads().inLayer();
    int[] choice = new int[input.places()];
    for (int layer = 0; layer < input.problem().heads().layers(); layer++) {
      int densest = input.within(budget(generosity, layer)).getLast();
      Arrays.fill(choice, layer * inLayer, (layer + 1) * inLayer, densest);
    }
    return Optional.of(choice);
  }

  /** The density that a layer may have; the mean over layers is the given one. */
  private double budget(double mean, int layer) {
    double least = mean / STEEPNESS;
    double most = 2 * mean - least;
    if (most > 1) {
      most = 1;
      least = 2 * mean - 1;
    }
    int steps = Math.max(1, input.problem().heads().layers() - 1);
    return most - layer * (most - least) / steps;
  }
}
