package io.sparseplan.search.problem;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.search.knapsack.Knapsack;
import io.sparseplan.search.knapsack.KnapsackResult;
import io.sparseplan.search.knapsack.MultipleChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The problem with every layer's work spread evenly: times become sums, and the rest is a {@link
 * MultipleChoice} of heads, or of layers where these may have two different candidates at most
 * ({@link PairMenu}, {@link PairColumns}). A makespan is never below the launch and the evenly
 * spread work, so whatever keeps to the goal keeps to it here too, and the least loss here bounds
 * the least loss there.
 *
 * <p>The bounds are proven through the change to whole numbers: losses and costs are rounded down,
 * capacities up.
 */
public final class Relaxation {
  /** Covers the rounding of a sum of losses or times. */
  private static final double UP = 1 + 1e-12;

  private static final double DOWN = 1 - 1e-12;

  private final SearchProblem problem;
  private Menu menuOfGoal;
  private Menu menuOfTime;

  /**
   * @param choice the choice with the least objective, empty if none was found
   * @param bound no plan that keeps to the goal has less of what is to be least, loss or
   *     microseconds of the workload; infinite if none can
   * @param tariff for each meter the loss that one part more of it saves; then, where changes are
   *     limited, that of one change more
   */
  public record Solution(Optional<int[]> choice, double bound, double[] tariff) {}

  public Relaxation(SearchProblem problem) {
    this.problem = problem;
  }

  /**
   * The least of the aim within the goal.
   *
   * @param timeShare makes every limit on time tighter by this factor, 0..1; the bound is one for
   *     the goal itself only at 1
   */
  public Solution best(double timeShare) {
    return switch (problem.aim()) {
      case Aim.LeastLoss() -> leastLoss(timeShare);
      case Aim.LeastTime(double maxLoss) -> leastTime(timeShare, problem.mostLoss());
    };
  }

  private Solution leastLoss(double timeShare) {
    FixedPoint unit = problem.lossUnit();
    KnapsackResult result = solve(menuOfGoal(), this::lossUnits, budgets(timeShare));
    return new Solution(
        result.choice(),
        result.bound() == KnapsackResult.IMPOSSIBLE
            ? Double.POSITIVE_INFINITY
            : unit.value(result.bound()),
        Arrays.stream(result.multipliers()).map(each -> each * unit.unit()).toArray());
  }

  private Solution leastTime(double timeShare, double mostLoss) {
    FixedPoint unit = timeUnit();
    List<Budget> budgets = budgets(timeShare);
    int ofLoss = budgets.size();
    budgets.add(lossBudget(mostLoss));
    KnapsackResult result = solve(menuOfGoal(), timeOf(unit), budgets);
    double[] timePerUnit = result.multipliers();
    LossPrices prices = LossPrices.of(problem, timePerUnit[ofLoss] * unit.unit());
    // Of the limits, the time that is to be least, and the changes if they are limited.
    double[] tariff = new double[budgets.size()];
    for (int k = 0; k < ofLoss; k++) {
      tariff[k < problem.limits() ? k : k + 1] =
          timePerUnit[k] * unit.unit() * prices.lossPerMicro();
    }
    tariff[problem.limits()] =
        prices.lossPerMicro()
            * problem.weight(0)
            / problem.meters().get(problem.limits()).partsPerMicro(0);
    return new Solution(
        result.choice(),
        result.bound() == KnapsackResult.IMPOSSIBLE
            ? Double.POSITIVE_INFINITY
            : unit.value(result.bound()) + launchMicros(),
        tariff);
  }

  /**
   * A time in microseconds that every plan by the rules needs which loses no more than this,
   * whatever the limits: all layers, weighted sum over the lengths.
   */
  public double leastWorkloadMicros(double mostLoss) {
    FixedPoint unit = timeUnit();
    List<Budget> budgets = new ArrayList<>(List.of(lossBudget(mostLoss)));
    addChanges(budgets);
    KnapsackResult result = solve(menuOfTime(), timeOf(unit), budgets);
    if (result.bound() == KnapsackResult.IMPOSSIBLE) {
      throw new IllegalArgumentException("No plan loses as little as %s.".formatted(mostLoss));
    }
    return unit.value(result.bound()) + launchMicros();
  }

  /** Solves the knapsack of a menu; the result's choice is that of all heads. */
  private KnapsackResult solve(Menu menu, Menu.OfHead objective, List<Budget> budgets) {
    if (menu instanceof PairColumns columns) {
      return new ColumnGeneration(columns, objective, budgets).solve();
    }
    KnapsackResult result = Knapsack.solve(Budget.knapsack(menu, objective, budgets));
    return new KnapsackResult(
        result.choice().map(menu::choice), result.bound(), result.multipliers());
  }

  private Menu menuOfGoal() {
    if (menuOfGoal == null) {
      List<long[]> costs = parts();
      if (problem.aim() instanceof Aim.LeastTime) {
        costs.add(timeUnits(timeUnit()));
      }
      menuOfGoal = menu(costs);
    }
    return menuOfGoal;
  }

  private Menu menuOfTime() {
    if (menuOfTime == null) {
      menuOfTime = menu(List.of(timeUnits(timeUnit())));
    }
    return menuOfTime;
  }

  private Menu menu(List<long[]> costs) {
    if (!PairMenu.serves(problem)) {
      return new HeadMenu(problem);
    }
    return costs.size() == 1
        ? new PairMenu(problem, this::lossUnits, costs.getFirst())
        : new PairColumns(problem);
  }

  private FixedPoint timeUnit() {
    double largest = 0;
    for (int candidate = 0; candidate < problem.prices().candidates(); candidate++) {
      largest = Math.max(largest, problem.workMicros(candidate));
    }
    return FixedPoint.forTotal(largest * problem.heads().count());
  }

  private long[] timeUnits(FixedPoint unit) {
    long[] units = new long[problem.prices().candidates()];
    Arrays.setAll(units, candidate -> unit.down(problem.workMicros(candidate) * DOWN));
    return units;
  }

  private Menu.OfHead timeOf(FixedPoint unit) {
    long[] units = timeUnits(unit);
    return (place, candidate) -> units[candidate];
  }

  private double launchMicros() {
    double launches = 0;
    for (int n = 0; n < problem.prices().lengths(); n++) {
      launches += problem.weight(n) * problem.heads().layers() * problem.prices().launchMicros();
    }
    return launches * DOWN;
  }

  private long lossUnits(int place, int candidate) {
    return problem.lossUnit().down(problem.losses().mean(place, candidate));
  }

  private Budget lossBudget(double mostLoss) {
    return new Budget(this::lossUnits, problem.lossUnit().up(mostLoss * UP));
  }

  /** For each limit what a candidate uses up at least. */
  private List<long[]> parts() {
    long most = MultipleChoice.MAX_TOTAL / problem.heads().count();
    List<long[]> parts = new ArrayList<>();
    for (int k = 0; k < problem.limits(); k++) {
      int limit = k;
      long[] ofCandidate = new long[problem.prices().candidates()];
      Arrays.setAll(ofCandidate, candidate -> Math.min(most, problem.leastParts(limit, candidate)));
      parts.add(ofCandidate);
    }
    return parts;
  }

  private List<Budget> budgets(double timeShare) {
    List<Budget> budgets = new ArrayList<>();
    List<long[]> parts = parts();
    for (int k = 0; k < parts.size(); k++) {
      long[] ofCandidate = parts.get(k);
      long capacity = problem.leastPartsCapacity(k);
      double share = problem.meters().get(k).isMoreThanItsHeads() ? timeShare : 1;
      budgets.add(
          new Budget(
              (place, candidate) -> ofCandidate[candidate],
              share == 1 ? capacity : (long) (capacity * share)));
    }
    addChanges(budgets);
    return budgets;
  }

  private void addChanges(List<Budget> budgets) {
    if (problem.rules().limitsChanges()) {
      budgets.add(new Budget(problem.rules()::changes, problem.rules().mostChanges()));
    }
  }
}
