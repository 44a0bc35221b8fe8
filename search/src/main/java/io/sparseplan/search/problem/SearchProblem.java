package io.sparseplan.search.problem;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What is searched: a candidate for each head, so that the loss or the time is least, every limit
 * is kept by the simulated times, and every rule.
 *
 * <p>A choice is an {@code int[]} with the candidate of each head in layer-major order.
 */
public final class SearchProblem {
  /**
   * Put on an excess that the least parts tell, which is less than a simulation would: so a plan
   * that only a simulation refuses still counts as nearer to the limits.
   */
  private static final long NOT_SIMULATED = 1L << 52;

  /** A limit on the loss counts as kept up to this factor, as limits on time do. */
  private static final double LOSS_KEPT = 1 + 0x1p-30;

  private final ModelHeads heads;
  private final Workload workload;
  private final Aim aim;
  private final ChoiceRules rules;
  private final int limits;
  private final Goal goal;
  private final HeadLosses given;
  private final List<HeadLosses> terms;
  private final HeadLosses losses;
  private final LayerPrices prices;
  private final double[] weights;
  private final List<LimitMeter> meters;
  private final HeadOptions options;
  private final double[] workMicros;
  private final FixedPoint lossUnit;
  private final long[][] lossUnits;
  private final long[][][] termUnits;
  private final long[][] leastParts;
  private final long[] leastPartsCapacity;
  private final LayerTimes times;
  private final LayerTimes leastTimes;
  private final LayerTimes timesEverywhere;
  private final double mostLoss;
  private final long mostLossUnits;

  /** A problem without rules. */
  public SearchProblem(
      ModelHeads heads, HeadLosses losses, LayerPrices prices, Workload workload, Goal goal) {
    this(heads, losses, prices, workload, goal, ChoiceRules.none(heads));
  }

  /**
   * @param rules the goal's own, in terms of heads and candidates
   * @throws BadInputException if the goal limits a length that the workload has not
   */
  public SearchProblem(
      ModelHeads heads,
      HeadLosses losses,
      LayerPrices prices,
      Workload workload,
      Goal goal,
      ChoiceRules rules) {
    this(heads, losses, prices, workload, goal, rules, Optional.empty(), Optional.empty());
  }

  private SearchProblem(
      ModelHeads heads,
      HeadLosses losses,
      LayerPrices prices,
      Workload workload,
      Goal goal,
      ChoiceRules rules,
      Optional<SearchProblem> simulated,
      Optional<double[]> shares) {
    this.goal = goal;
    this.workload = workload;
    this.heads = heads;
    this.aim = goal.aim();
    this.rules = rules;
    this.limits = goal.limits().size();
    this.given = losses;
    this.prices = prices;
    this.weights = workload.lengths().stream().mapToDouble(Workload.Entry::weight).toArray();
    double[][] lossWeights = lossWeights(goal.lossOver(), weights);
    this.terms =
        switch (goal.lossOver()) {
          case MEAN -> List.of(losses);
          case WORST_LENGTH -> Arrays.stream(lossWeights).map(losses::weighted).toList();
        };
    this.losses = shares.map(each -> losses.weighted(mixed(each, lossWeights))).orElse(losses);
    List<Tokens> lengths = workload.lengths().stream().map(Workload.Entry::length).toList();
    this.meters =
        Stream.concat(goal.limits().stream(), timeToBeLeast())
            .map(limit -> LimitMeter.of(limit, lengths, weights, heads, prices))
            .toList();
    this.workMicros = workMicros();
    this.options = new HeadOptions(this.losses, terms, prices, meters, workMicros, rules);
    boolean[] timed = timed();
    Optional<SearchProblem> sameTimes =
        simulated.filter(other -> Arrays.equals(timed, other.timed()));
    this.times =
        sameTimes
            .map(other -> other.times)
            .orElseGet(() -> new LayerTimes(prices::layerMicros, timed));
    this.leastTimes =
        prices.isMonotone()
            ? times
            : sameTimes
                .map(other -> other.leastTimes)
                .orElseGet(() -> new LayerTimes(prices::leastMicros, timed));
    this.timesEverywhere =
        Arrays.equals(timed, everywhere())
            ? times
            : new LayerTimes(prices::layerMicros, everywhere());
    this.lossUnit = FixedPoint.forTotal(largestLoss());
    this.lossUnits = units(this.losses);
    this.termUnits =
        terms.stream()
            .map(term -> term == this.losses ? lossUnits : units(term))
            .toArray(long[][][]::new);
    this.leastParts = new long[meters.size()][prices.candidates()];
    this.leastPartsCapacity = new long[meters.size()];
    for (int k = 0; k < leastParts.length; k++) {
      LimitMeter meter = meters.get(k);
      Arrays.setAll(leastParts[k], candidate -> meter.leastParts(prices, candidate));
      leastPartsCapacity[k] = meter.leastPartsCapacity(prices, heads);
    }
    this.mostLossUnits =
        switch (aim) {
          case Aim.LeastTime(double maxLoss) when maxLoss < largestLoss() ->
              lossUnit.up(maxLoss * LOSS_KEPT);
          case Aim.LeastTime(double maxLoss) -> lossUnit.up(largestLoss()) + heads.count();
          case Aim.LeastLoss() -> Long.MAX_VALUE;
        };
    // Each head's loss is rounded to the nearest unit.
    this.mostLoss =
        aim instanceof Aim.LeastLoss
            ? Double.POSITIVE_INFINITY
            : lossUnit.value(mostLossUnits + heads.count());
  }

  /**
   * The same heads, losses, prices and rules for another goal. What was simulated for one is known
   * to the other, where they read the times of the same lengths: they are not for two threads.
   */
  public SearchProblem withGoal(Goal goal) {
    return new SearchProblem(
        heads, given, prices, workload, goal, rules, Optional.of(this), Optional.empty());
  }

  /** The same limits and rules, where the loss is to be least. */
  public SearchProblem ofLeastLoss() {
    return withGoal(goal.withAim(new Aim.LeastLoss()));
  }

  /**
   * The same problem, whose {@link #losses} are another mixture of those at single lengths: each
   * bounds the largest of them from below.
   *
   * @param shares of the lengths, which sum to 1
   */
  SearchProblem withShares(double[] shares) {
    return new SearchProblem(
        heads, given, prices, workload, goal, rules, Optional.of(this), Optional.of(shares));
  }

  /** By how much each length counts in each of the losses of which the largest is a plan's. */
  private static double[][] lossWeights(LossOver over, double[] weights) {
    double allWeights = Arrays.stream(weights).sum();
    double[][] ofTerm = new double[weights.length][weights.length];
    for (int term = 0; term < ofTerm.length; term++) {
      for (int n = 0; n < weights.length; n++) {
        ofTerm[term][n] = LossOver.SHARE_OF_MEAN * weights[n] / allWeights;
      }
      ofTerm[term][term] += 1 - LossOver.SHARE_OF_MEAN;
    }
    return ofTerm;
  }

  private static double[] mixed(double[] shares, double[][] lossWeights) {
    double[] mixed = new double[shares.length];
    for (int term = 0; term < shares.length; term++) {
      for (int n = 0; n < mixed.length; n++) {
        mixed[n] += shares[term] * lossWeights[term][n];
      }
    }
    return mixed;
  }

  private long[][] units(HeadLosses of) {
    long[][] units = new long[heads.count()][prices.candidates()];
    for (int place = 0; place < units.length; place++) {
      for (int candidate = 0; candidate < units[place].length; candidate++) {
        units[place][candidate] = lossUnit.nearest(of.mean(place, candidate));
      }
    }
    return units;
  }

  private Stream<Limit> timeToBeLeast() {
    return switch (aim) {
      case Aim.LeastLoss() -> Stream.empty();
      case Aim.LeastTime(double maxLoss) -> Stream.of(new Limit.MaxTime(1));
    };
  }

  private boolean[] timed() {
    boolean[] timed = new boolean[weights.length];
    for (int n = 0; n < timed.length; n++) {
      int length = n;
      timed[n] = meters.stream().anyMatch(meter -> meter.readsTime(length));
    }
    return timed;
  }

  private boolean[] everywhere() {
    boolean[] all = new boolean[weights.length];
    Arrays.fill(all, true);
    return all;
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

  /** No plan loses more. */
  double largestLoss() {
    return terms.stream().mapToDouble(this::largestLoss).max().orElseThrow();
  }

  private double largestLoss(HeadLosses term) {
    double total = 0;
    for (int place = 0; place < heads.count(); place++) {
      double most = 0;
      for (int candidate = 0; candidate < prices.candidates(); candidate++) {
        most = Math.max(most, term.mean(place, candidate));
      }
      total += most;
    }
    return total;
  }

  public ModelHeads heads() {
    return heads;
  }

  /**
   * Losses that add up over heads. Where the largest over the lengths is meant, a mixture of these,
   * which is never more.
   */
  public HeadLosses losses() {
    return losses;
  }

  /** What the goal calls the loss of a choice. */
  public double lossOf(int[] choice) {
    return terms.stream().mapToDouble(term -> term.total(choice)).max().orElseThrow();
  }

  /** The losses of which the largest is the choice's: one, or one for each length. */
  double[] lossTermsOf(int[] choice) {
    return terms.stream().mapToDouble(term -> term.total(choice)).toArray();
  }

  /** How many losses there are of which the largest is a plan's. */
  public int lossTerms() {
    return terms.size();
  }

  /** Whether a plan might lose less with the one candidate in a head than with the other. */
  public boolean losesLess(int place, int one, int other) {
    return terms.stream().anyMatch(term -> term.mean(place, one) < term.mean(place, other));
  }

  public LayerPrices prices() {
    return prices;
  }

  /** How often the length occurs in the workload. */
  public double weight(int lengthIndex) {
    return weights[lengthIndex];
  }

  /** What a microsecond of the workload costs, given the price of a part of a meter of it. */
  public double lossPerWorkloadMicro(int meter, double[] lossPerPart) {
    return lossPerPart[meter] * meters.get(meter).partsPerMicro(0) / weights[0];
  }

  public Aim aim() {
    return aim;
  }

  public ChoiceRules rules() {
    return rules;
  }

  /** One for each limit of the goal; where time is to be least, that of the time after them. */
  public List<LimitMeter> meters() {
    return meters;
  }

  /** How many of the meters are limits: the first ones. */
  public int limits() {
    return limits;
  }

  /** No plan that keeps to the goal loses more; infinite where the loss is to be least. */
  public double mostLoss() {
    return mostLoss;
  }

  /** What the loss in units may be. */
  public long mostLossUnits() {
    return mostLossUnits;
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

  /** For one of several threads; while sessions are in use, nothing else may simulate. */
  public TimeSession timeSession() {
    LayerTimes.Session ofTimes = times.session();
    return new TimeSession(ofTimes, leastTimes == times ? ofTimes : leastTimes.session());
  }

  /** Remembers what a session simulated. */
  public void adopt(TimeSession session) {
    times.adopt(session.times());
    if (leastTimes != times) {
      leastTimes.adopt(session.least());
    }
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

  /** One of the losses of a candidate in a head of which the largest is a plan's, in units. */
  public long lossUnits(int term, int place, int candidate) {
    return termUnits[term][place][candidate];
  }

  /** The loss of a candidate in a head as in {@link #losses}, rounded to units. */
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
   * The value of a choice. Where a rule is broken, nothing else counts but the loss; where the loss
   * or the least parts already break a limit, they are the measure of the excess. Nothing is
   * simulated then: a function of the choice alone, either way.
   */
  public PlanValue valueOf(int[] choice) {
    long changes = 0;
    for (int place = 0; place < choice.length; place++) {
      changes += rules.changes(place, choice[place]);
    }
    long[] least = new long[meters.size()];
    for (int k = 0; k < least.length; k++) {
      for (int candidate : choice) {
        least[k] += leastParts[k][candidate];
      }
    }
    return value(rules.broken(choice), lossUnitsOf(choice), least, changes, () -> parts(choice));
  }

  private long lossUnitsOf(int[] choice) {
    long most = 0;
    for (long[][] units : termUnits) {
      long loss = 0;
      for (int place = 0; place < choice.length; place++) {
        loss += units[place][choice[place]];
      }
      most = Math.max(most, loss);
    }
    return most;
  }

  /**
   * The value of a choice of which all this is known.
   *
   * @param leastPartsOfAll for each meter the sum of {@link #leastParts} over the heads
   * @param simulatedParts for each meter what the choice uses up; asked for only where it matters
   */
  public PlanValue value(
      long brokenRules,
      long loss,
      long[] leastPartsOfAll,
      long changes,
      Supplier<long[]> simulatedParts) {
    boolean ofLoss = aim instanceof Aim.LeastLoss;
    long unsimulated = ofLoss ? loss : leastPartsOfAll[limits];
    if (brokenRules > 0) {
      return new PlanValue(brokenRules, 0, loss, changes);
    }
    long excess = leastExcess(leastPartsOfAll, loss);
    if (excess > 0) {
      return new PlanValue(0, excess, unsimulated, changes);
    }
    long[] parts = simulatedParts.get();
    for (int k = 0; k < limits; k++) {
      excess += Math.max(0, parts[k] - LimitMeter.CAPACITY);
    }
    return new PlanValue(0, excess, ofLoss ? loss : parts[limits], changes);
  }

  /** The excess that the least parts of all heads and the loss tell, 0 if a simulation can tell. */
  private long leastExcess(long[] leastPartsOfAll, long loss) {
    long excess = Math.max(0, loss - mostLossUnits);
    for (int k = 0; k < limits; k++) {
      excess += Math.max(0, leastPartsOfAll[k] - leastPartsCapacity[k]);
    }
    return excess > 0 ? NOT_SIMULATED + excess : 0;
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

  /** The same candidate for every head that may have it; see {@link ChoiceRules#uniform}. */
  public int[] uniform(int candidate) {
    return rules.uniform(candidate);
  }

  /** The simulated time of the workload, in microseconds, as far as its lengths are timed. */
  public double workloadMicros(int[] choice) {
    return workloadMicros(times, choice);
  }

  /** The simulated time of the workload, in microseconds, at lengths that no limit reads too. */
  public double wholeWorkloadMicros(int[] choice) {
    return workloadMicros(timesEverywhere, choice);
  }

  private double workloadMicros(LayerTimes times, int[] choice) {
    double micros = 0;
    for (int layer = 0; layer < heads.layers(); layer++) {
      double[] ofLayer = times.micros(heads.ofLayer(choice, layer));
      for (int n = 0; n < ofLayer.length; n++) {
        micros += weights[n] * ofLayer[n];
      }
    }
    return micros;
  }
}
