package io.sparseplan.search.knapsack;

import com.google.ortools.Loader;
import com.google.ortools.sat.BoolVar;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The knapsack as OR-Tools' CP-SAT solves it: an independent referee. It is told a choice to start
 * from, and proves by itself that none is better. Every row is in its linear relaxation (level 2),
 * on one thread: with several it spends its time on searches without that relaxation, which prove
 * nothing here.
 */
final class CpSat {
  static {
    Loader.loadNativeLibraries();
  }

  private CpSat() {}

  /**
   * @param start an option of each head to begin with
   * @param maxSeconds by the clock
   * @return the least loss of a choice within the capacities, proven; empty where no choice fits
   * @throws IllegalStateException if the time was not enough to prove it
   */
  static OptionalLong leastLoss(MultipleChoice problem, Optional<int[]> start, double maxSeconds) {
    var model = new CpModel();
    LinearExprBuilder loss = LinearExpr.newBuilder();
    LinearExprBuilder[] costs = new LinearExprBuilder[problem.budgets().size()];
    for (int k = 0; k < costs.length; k++) {
      costs[k] = LinearExpr.newBuilder();
    }
    for (int head = 0; head < problem.heads(); head++) {
      BoolVar[] takes = new BoolVar[problem.options(head)];
      for (int option = 0; option < takes.length; option++) {
        takes[option] = model.newBoolVar("");
        loss.addTerm(takes[option], problem.loss()[head][option]);
        for (int k = 0; k < costs.length; k++) {
          costs[k].addTerm(takes[option], problem.budgets().get(k).cost()[head][option]);
        }
        if (start.isPresent()) {
          model.addHint(takes[option], start.get()[head] == option);
        }
      }
      model.addExactlyOne(takes);
    }
    for (int k = 0; k < costs.length; k++) {
      model.addLessOrEqual(costs[k], problem.budgets().get(k).capacity());
    }
    model.minimize(loss);
    var solver = new CpSolver();
    solver.getParameters().setNumWorkers(1);
    solver.getParameters().setLinearizationLevel(2);
    solver.getParameters().setRelativeGapLimit(0);
    solver.getParameters().setMaxTimeInSeconds(maxSeconds);
    CpSolverStatus status = solver.solve(model);
    return switch (status) {
      case OPTIMAL -> OptionalLong.of(Math.round(solver.objectiveValue()));
      case INFEASIBLE -> OptionalLong.empty();
      case FEASIBLE, UNKNOWN, MODEL_INVALID, UNRECOGNIZED ->
          throw new IllegalStateException(
              "CP-SAT ended with %s after %.0f s.".formatted(status, solver.wallTime()));
    };
  }
}
