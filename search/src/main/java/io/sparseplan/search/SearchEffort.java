package io.sparseplan.search;

/**
 * How long a search goes on, counted in work and not in time, so that its result can be had again.
 *
 * @param simulatedBlocks thread blocks to simulate for the bound, at about 25 million a second on
 *     each core; the local search may take twice as many on one core
 * @param localSearch whether OptaPlanner looks for something better than the decomposition found
 */
public record SearchEffort(long simulatedBlocks, boolean localSearch) {
  /** A few seconds for most models. */
  public static final SearchEffort DEFAULT = new SearchEffort(80_000_000);

  private static final int FEWEST_OF_LAYER = 20;
  private static final int MOST_SIMULATIONS = 60_000;

  /** With the local search. */
  public SearchEffort(long simulatedBlocks) {
    this(simulatedBlocks, true);
  }

  public SearchEffort {
    if (simulatedBlocks < 1) {
      throw new IllegalArgumentException(
          "The simulatedBlocks (%d) must be positive.".formatted(simulatedBlocks));
    }
  }

  /** So many times less. */
  SearchEffort dividedBy(int divisor) {
    return new SearchEffort(Math.max(1, simulatedBlocks / divisor), localSearch);
  }

  /** The same without OptaPlanner: what the decomposition finds by itself. */
  public SearchEffort withoutLocalSearch() {
    return new SearchEffort(simulatedBlocks, false);
  }

  /** How many layers of so many blocks may be simulated for the bound. */
  int simulations(long blocksOfLayer, int layers) {
    int fewest = Math.min(MOST_SIMULATIONS, FEWEST_OF_LAYER * layers);
    return Math.clamp(simulatedBlocks / blocksOfLayer, fewest, MOST_SIMULATIONS);
  }

  /** How many scores the local search may calculate; each may simulate a layer or two. */
  int scoreCalculations(long blocksOfLayer, int layers) {
    return simulations(blocksOfLayer, layers);
  }
}
