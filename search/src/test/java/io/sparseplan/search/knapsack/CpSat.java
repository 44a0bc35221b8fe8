package io.sparseplan.search.knapsack;

import com.google.ortools.Loader;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import com.google.ortools.sat.Literal;

/**
 * The knapsack as OR-Tools' CP-SAT solves it: an independent referee. It may run out of time on
 * large instances; then it knows less, but what it knows is still proven.
 */
final class CpSat {
  static {
    Loader.loadNativeLibraries();
  }

  private CpSat() {}

  /** What CP-SAT says of the least loss of a choice within the capacities. */
  sealed interface Verdict {
    /** No choice fits. */
    record Infeasible() implements Verdict {}

    /**
     * @param bound no choice that fits loses less
     * @param incumbent a choice that fits loses this; equal to the bound where it is proven best
     */
    record Between(long bound, long incumbent) implements Verdict {
      boolean isProven() {
        return bound == incumbent;
      }
    }

    /** Not even a choice that fits was found in time. */
    record Unknown() implements Verdict {}
  }

  /**
   * @param maxSeconds by the clock
   */
  static Verdict leastLoss(MultipleChoice problem, double maxSeconds) {
    var model = new CpModel();
    LinearExprBuilder loss = LinearExpr.newBuilder();
    LinearExprBuilder[] costs = new LinearExprBuilder[problem.budgets().size()];
    for (int k = 0; k < costs.length; k++) {
      costs[k] = LinearExpr.newBuilder();
    }
    for (int head = 0; head < problem.heads(); head++) {
      Literal[] takes = new Literal[problem.options(head)];
      for (int option = 0; option < takes.length; option++) {
        takes[option] = model.newBoolVar("");
        loss.addTerm(takes[option], problem.loss()[head][option]);
        for (int k = 0; k < costs.length; k++) {
          costs[k].addTerm(takes[option], problem.budgets().get(k).cost()[head][option]);
        }
      }
      model.addExactlyOne(takes);
    }
    for (int k = 0; k < costs.length; k++) {
      model.addLessOrEqual(costs[k], problem.budgets().get(k).capacity());
    }
    model.minimize(loss);
    var solver = new CpSolver();
    solver.getParameters().setNumWorkers(2);
    solver.getParameters().setRelativeGapLimit(0);
    solver.getParameters().setMaxTimeInSeconds(maxSeconds);
    CpSolverStatus status = solver.solve(model);
    return switch (status) {
      case OPTIMAL -> between(solver.objectiveValue(), solver.objectiveValue());
      case FEASIBLE -> between(solver.bestObjectiveBound(), solver.objectiveValue());
      case INFEASIBLE -> new Verdict.Infeasible();
      case UNKNOWN -> new Verdict.Unknown();
      case MODEL_INVALID, UNRECOGNIZED ->
          throw new IllegalStateException("CP-SAT ended with %s.".formatted(status));
    };
  }

  private static Verdict between(double bound, double incumbent) {
    return new Verdict.Between(Math.round(Math.ceil(bound)), Math.round(incumbent));
  }
}
