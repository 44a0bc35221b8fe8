package io.sparseplan.search.strategy;

import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.search.problem.HeadLosses;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * MInference's offline search (arXiv 2407.02490, §3.2): every head has the same budget, and takes
 * the pattern within it that keeps the most attention mass. The knob is that budget, here a density
 * instead of FLOPs of its kernels.
 */
public final class MInference implements PeerStrategy {
  private final PeerInput input;
  private final HeadLosses lostMass;

  public MInference(PeerInput input) {
    this.input = input;
    this.lostMass = input.losses(LossKind.LOST_MASS);
  }

  @Override
  public Optional<int[]> choose(double generosity) {
    List<Integer> affordable = input.within(input.densityAt(generosity));
    int[] choice = new int[input.places()];
    Arrays.setAll(
        choice,
        place ->
            affordable.stream()
                .min(Comparator.comparingDouble(candidate -> lostMass.mean(place, candidate)))
                .orElseThrow());
    return Optional.of(choice);
  }
}
