package io.sparseplan.search.strategy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * No strategy: every head takes any of the candidates that are no denser than the knob says, each
 * as likely as another. What any statistic has to beat.
 */
public final class RandomChoice implements PeerStrategy {
  private final PeerInput input;
  private final double[] drawn;

  /** Draws once, so that the knob alone tells two plans apart. */
  public RandomChoice(PeerInput input) {
    this.input = input;
    this.drawn = new Random(input.seed()).doubles(input.places()).toArray();
  }

  @Override
  public Optional<int[]> choose(double generosity) {
    List<Integer> affordable = input.within(input.densityAt(generosity));
    int[] choice = new int[drawn.length];
    Arrays.setAll(choice, place -> affordable.get((int) (drawn[place] * affordable.size())));
    return Optional.of(choice);
  }
}
