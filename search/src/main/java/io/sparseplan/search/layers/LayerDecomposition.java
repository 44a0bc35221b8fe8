package io.sparseplan.search.layers;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.problem.TimeSession;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A plan and a proven bound that know the simulated makespans.
 *
 * <p>Idea: at fixed prices for time the layers are independent of each other, and {@link
 * LayerPricing} finds, or bounds, the best tuple of each. The sum of their values, less the price
 * of what the limits allow, is a Lagrangian bound; unlike that of the {@link
 * io.sparseplan.search.problem.Relaxation} it knows of slots that stand idle at a layer's end. The
 * tuples that were simulated on the way are recombined to a plan, whose shadow prices say where to
 * look for better prices (Dantzig and Wolfe, Operations Research 8, 1960): part of the way from the
 * best prices so far, which keeps them from swinging (Wentges, International Transactions in
 * Operational Research 4, 1997).
 */
public final class LayerDecomposition {
  /** The share of the remaining effort that each round may take: most goes to good prices. */
  private static final double[] EFFORT_OF_ROUND = {0.05, 0.05, 0.1, 0.1, 0.2, 0.2, 0.4, 0.5, 1};

  private static final int BOXES_A_SIMULATION = 4;
  private static final double LONGEST_STEP = 0.5;

  /** A loss this close above its bound, relatively, is as good as proven. */
  private static final double CLOSE = 1e-9;

  private final SearchProblem problem;
  private final Recombination recombination;
  private final List<Support> supports = new ArrayList<>();
  private Tariff tariff;
  private double bound;
  private int[] best;

  /**
   * @param start a plan to begin with, which may break limits
   * @param startPrices for {@link Tariff#of}, of what is thought to save loss
   * @param startBound no plan that keeps to the goal has less of what is to be least
   */
  public LayerDecomposition(
      SearchProblem problem, int[] start, double[] startPrices, double startBound) {
    this.bound = startBound;
    this.problem = problem;
    this.recombination = new Recombination(problem);
    this.tariff = Tariff.of(problem, startPrices);
    this.best = problem.options().inOptions(start);
  }

  /** Is told the share of the rounds that is done, 0..1. */
  @FunctionalInterface
  public interface Listener {
    void at(double fraction);
  }

  /**
   * Tightens the bound and looks for a plan.
   *
   * @param simulations how many layers may be simulated
   */
  public void run(long simulations, Listener listener) {
    List<int[]> sets = PatternSets.of(problem);
    var fastest = new FastestCandidates(problem);
    List<LayerPricing> layers =
        IntStream.range(0, problem.heads().layers())
            .mapToObj(layer -> new LayerPricing(problem, fastest, layer, sets))
            .toList();
    long last = problem.simulations() + simulations;
    double step = LONGEST_STEP;
    for (int round = 0; round < EFFORT_OF_ROUND.length && !isProvenBest(); round++) {
      Recombination.Result plan = recombination.of(tariff);
      plan.choice().ifPresent(this::offer);
      boolean jump = round == 0 || tariff.isFree();
      double share = jump ? 1 : step;
      Tariff tried =
          plan.prices().map(prices -> tariff.towards(problem, prices, share)).orElse(tariff);
      long left = last - problem.simulations();
      Support support = price(layers, tried, (long) (left * EFFORT_OF_ROUND[round]));
      supports.add(support);
      double tighter =
          switch (problem.aim()) {
            case Aim.LeastLoss() -> support.lossBound(problem);
            case Aim.LeastTime(double maxLoss) -> support.leastMicros(problem, problem.mostLoss());
          };
      boolean better = jump || tighter > bound;
      if (better) {
        tariff = tried;
      }
      bound = Math.max(bound, tighter);
      step = better ? LONGEST_STEP : step / 2;
      listener.at((round + 1.0) / EFFORT_OF_ROUND.length);
    }
    recombine();
  }

  /** Whether the best plan has no more of what is to be least than every plan must. */
  public boolean isProvenBest() {
    return problem.valueOf(best).keepsLimits()
        && switch (problem.aim()) {
          case Aim.LeastLoss() -> problem.lossOf(best) <= bound * (1 + CLOSE);
          case Aim.LeastTime(double maxLoss) -> problem.workloadMicros(best) <= bound * (1 + CLOSE);
        };
  }

  /** Prices the layers on all cores: each with its share of the effort, whatever others find. */
  private Support price(List<LayerPricing> layers, Tariff prices, long simulations) {
    long share = Math.max(1, simulations / layers.size());
    int boxes = (int) Math.min(Integer.MAX_VALUE, share * BOXES_A_SIMULATION);
    var effort = new LayerPricing.Effort(share, boxes);
    List<TimeSession> sessions = layers.stream().map(layer -> problem.timeSession()).toList();
    double[] bounds =
        IntStream.range(0, layers.size())
            .parallel()
            .mapToDouble(at -> layers.get(at).price(prices, effort, sessions.get(at)).bound())
            .toArray();
    sessions.forEach(problem::adopt);
    double pricedBound = 0;
    for (double ofLayer : bounds) {
      pricedBound += ofLayer;
    }
    return new Support(prices, pricedBound);
  }

  /** Makes the best plan of all layers simulated so far, by whomever. */
  public void recombine() {
    recombination.of(tariff).choice().ifPresent(this::offer);
  }

  /** Keeps the plan if it is the best so far. */
  public void offer(int[] choice) {
    PlanValue value = problem.valueOf(choice);
    if (value.compareTo(problem.valueOf(best)) < 0) {
      best = problem.options().inOptions(choice);
    }
  }

  /** The best plan of those offered and found; one that breaks limits if all do. */
  public int[] best() {
    return best.clone();
  }

  /**
   * No plan that keeps to the goal has less of what is to be least: loss, or microseconds of the
   * workload.
   */
  public double bound() {
    return bound;
  }

  /**
   * Where the time is to be least: no plan within the limits that is as fast as this loses less.
   */
  public double lossBound(double mostWorkloadMicros) {
    return supports.stream()
        .mapToDouble(support -> support.lossBound(problem, mostWorkloadMicros))
        .max()
        .orElse(0);
  }

  /**
   * No plan that loses no more than this needs less time for the workload, in microseconds; 0 where
   * nothing better is known.
   */
  public double workloadMicrosBound(double mostLoss) {
    return supports.stream()
        .mapToDouble(support -> support.workloadMicrosBound(problem, mostLoss))
        .max()
        .orElse(0);
  }
}
