package io.sparseplan.search;

/**
 * How long a search goes on, counted in work and not in time, so that its result can be had again.
 *
 * @param simulatedBlocks thread blocks to simulate for the bound, at about 25 million a second; the
 *     local search may take up to three times as many
 */
public record SearchEffort(long simulatedBlocks) {
  /** Some seconds for most models. */
  public static final SearchEffort DEFAULT = new SearchEffort(200_000_000);

  private static final int FEWEST_SIMULATIONS = 200;
  private static final int MOST_SIMULATIONS = 60_000;
  private static final int SCORES_A_SIMULATION = 3;
  private static final int MOST_SCORES = 100_000;

  public SearchEffort {
    if (simulatedBlocks < 1) {
      throw new IllegalArgumentException(
          "The simulatedBlocks (%d) must be positive.".formatted(simulatedBlocks));
    }
  }

  /** How many layers of so many blocks may be simulated for the bound. */
  int simulations(long blocksOfLayer) {
    return Math.clamp(simulatedBlocks / blocksOfLayer, FEWEST_SIMULATIONS, MOST_SIMULATIONS);
  }

  /** How many scores the local search may calculate; each may simulate a layer or two. */
  int scoreCalculations(long blocksOfLayer) {
    return Math.min(MOST_SCORES, SCORES_A_SIMULATION * simulations(blocksOfLayer));
  }
}
