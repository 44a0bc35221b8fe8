package io.sparseplan.search.knapsack;

import com.google.ortools.Loader;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import com.google.ortools.sat.Literal;
import java.util.OptionalLong;

/** The knapsack as OR-Tools' CP-SAT solves it: an independent referee. */
final class CpSat {
  static {
    Loader.loadNativeLibraries();
  }

  private CpSat() {}

  /** The least loss of a choice within the capacities, proven; empty if there is none. */
  static OptionalLong leastLoss(MultipleChoice problem) {
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
    CpSolverStatus status = solver.solve(model);
    return switch (status) {
      case OPTIMAL -> OptionalLong.of(Math.round(solver.objectiveValue()));
      case INFEASIBLE -> OptionalLong.empty();
      case FEASIBLE, MODEL_INVALID, UNKNOWN, UNRECOGNIZED ->
          throw new IllegalStateException("CP-SAT ended with %s.".formatted(status));
    };
  }
}
