package io.sparseplan.search.problem;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Workload;
import java.util.Arrays;
import java.util.List;

/**
 * What is searched: a candidate for each head, so that the loss is least and every limit is kept by
 * the simulated times.
 *
 * <p>A choice is an {@code int[]} with the candidate of each head in layer-major order.
 */
public final class SearchProblem {
  /**
   * Put on an excess that the least parts tell, which is less than a simulation would: so a plan
   * that only a simulation refuses still counts as nearer to the limits.
   */
  private static final long NOT_SIMULATED = 1L << 52;

  private final ModelHeads heads;
  private final HeadLosses losses;
  private final LayerPrices prices;
  private final double[] weights;
  private final List<LimitMeter> meters;
  private final HeadOptions options;
  private final double[] workMicros;
  private final FixedPoint lossUnit;
  private final long[][] lossUnits;
  private final long[][] leastParts;
  private final long[] leastPartsCapacity;
  private final LayerTimes times;
  private final LayerTimes leastTimes;

  /**
   * @throws BadInputException if the goal limits a length that the workload has not
   */
  public SearchProblem(
      ModelHeads heads, HeadLosses losses, LayerPrices prices, Workload workload, Goal goal) {
    this.heads = heads;
    this.losses = losses;
    this.prices = prices;
    this.weights = workload.lengths().stream().mapToDouble(Workload.Entry::weight).toArray();
    List<Tokens> lengths = workload.lengths().stream().map(Workload.Entry::length).toList();
    this.meters =
        goal.limits().stream()
            .map(limit -> LimitMeter.of(limit, lengths, weights, heads, prices))
            .toList();
    this.workMicros = workMicros();
    this.options = new HeadOptions(losses, prices, workMicros);
    this.times = new LayerTimes(prices::layerMicros, timed());
    this.leastTimes = prices.isMonotone() ? times : new LayerTimes(prices::leastMicros, timed());
    this.lossUnit = FixedPoint.forTotal(largestLoss());
    this.lossUnits = new long[heads.count()][prices.candidates()];
    for (int place = 0; place < lossUnits.length; place++) {
      for (int candidate = 0; candidate < lossUnits[place].length; candidate++) {
        lossUnits[place][candidate] = lossUnit.nearest(losses.mean(place, candidate));
      }
    }
    this.leastParts = new long[meters.size()][prices.candidates()];
    this.leastPartsCapacity = new long[meters.size()];
    for (int k = 0; k < leastParts.length; k++) {
      LimitMeter meter = meters.get(k);
      Arrays.setAll(leastParts[k], candidate -> meter.leastParts(prices, candidate));
      leastPartsCapacity[k] = meter.leastPartsCapacity(prices, heads);
    }
  }

  private boolean[] timed() {
    boolean[] timed = new boolean[weights.length];
    for (int n = 0; n < timed.length; n++) {
      int length = n;
      timed[n] = meters.stream().anyMatch(meter -> meter.readsTime(length));
    }
    return timed;
  }

  private double[] workMicros() {
    double[] work = new double[prices.candidates()];
    for (int n = 0; n < weights.length; n++) {
      for (int candidate = 0; candidate < work.length; candidate++) {
        work[candidate] += weights[n] * prices.headWorkMicros(n, candidate);
      }
    }
    return work;
  }

  private double largestLoss() {
    double total = 0;
    for (int place = 0; place < heads.count(); place++) {
      double most = 0;
      for (int candidate = 0; candidate < prices.candidates(); candidate++) {
        most = Math.max(most, losses.mean(place, candidate));
      }
      total += most;
    }
    return total;
  }

  public ModelHeads heads() {
    return heads;
  }

  public HeadLosses losses() {
    return losses;
  }

  public LayerPrices prices() {
    return prices;
  }

  /** How often the length occurs in the workload. */
  public double weight(int lengthIndex) {
    return weights[lengthIndex];
  }

  public List<LimitMeter> meters() {
    return meters;
  }

  public HeadOptions options() {
    return options;
  }

  /** The simulated times of layers. */
  public LayerTimes times() {
    return times;
  }

  /** What {@link LayerPrices#leastMicros} says of layers. */
  public LayerTimes leastTimes() {
    return leastTimes;
  }

  /** How often a layer was simulated. */
  public long simulations() {
    return times.simulations() + (leastTimes == times ? 0 : leastTimes.simulations());
  }

  /** Parts of each limit that a layer uses up, simulated. */
  public long[] layerParts(int[] candidateOfHead) {
    double[] micros = times.micros(candidateOfHead);
    long[] parts = new long[meters.size()];
    for (int k = 0; k < parts.length; k++) {
      parts[k] = meters.get(k).layerParts(micros, candidateOfHead);
    }
    return parts;
  }

  /** The unit of {@link PlanValue#lossUnits}. */
  public FixedPoint lossUnit() {
    return lossUnit;
  }

  /** The loss of a candidate in a head, rounded to units. */
  public long lossUnits(int place, int candidate) {
    return lossUnits[place][candidate];
  }

  /** What a head uses up of a limit at least. */
  public long leastParts(int limit, int candidate) {
    return leastParts[limit][candidate];
  }

  /** What the least parts of all heads may sum to. */
  public long leastPartsCapacity(int limit) {
    return leastPartsCapacity[limit];
  }

  /** The work of a candidate in one head over the workload, in microseconds. */
  public double workMicros(int candidate) {
    return workMicros[candidate];
  }

  /**
   * The value of a choice. Where the least parts already break a limit, they are the measure of the
   * excess and nothing is simulated: a function of the choice alone, either way.
   */
  public PlanValue valueOf(int[] choice) {
    long loss = 0;
    for (int place = 0; place < choice.length; place++) {
      loss += lossUnits[place][choice[place]];
    }
    long[] least = new long[meters.size()];
    for (int k = 0; k < least.length; k++) {
      for (int candidate : choice) {
        least[k] += leastParts[k][candidate];
      }
    }
    long excess = leastExcess(least);
    return new PlanValue(excess > 0 ? excess : simulatedExcess(choice), loss);
  }

  /**
   * The excess that the least parts of all heads tell, 0 if only a simulation can tell.
   *
   * @param leastPartsOfAll for each limit the sum of {@link #leastParts} over the heads
   */
  public long leastExcess(long[] leastPartsOfAll) {
    long excess = 0;
    for (int k = 0; k < leastPartsOfAll.length; k++) {
      excess += Math.max(0, leastPartsOfAll[k] - leastPartsCapacity[k]);
    }
    return excess > 0 ? NOT_SIMULATED + excess : 0;
  }

  private long simulatedExcess(int[] choice) {
    long excess = 0;
    for (long parts : parts(choice)) {
      excess += Math.max(0, parts - LimitMeter.CAPACITY);
    }
    return excess;
  }

  /** Parts of each limit that the choice uses up, simulated. */
  public long[] parts(int[] choice) {
    long[] parts = new long[meters.size()];
    for (int layer = 0; layer < heads.layers(); layer++) {
      long[] ofLayer = layerParts(heads.ofLayer(choice, layer));
      for (int k = 0; k < parts.length; k++) {
        parts[k] += ofLayer[k];
      }
    }
    return parts;
  }

  /** The same candidate for every head. */
  public int[] uniform(int candidate) {
    int[] choice = new int[heads.count()];
    Arrays.fill(choice, candidate);
    return choice;
  }
}
