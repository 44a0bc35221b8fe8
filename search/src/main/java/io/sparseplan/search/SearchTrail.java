package io.sparseplan.search;

import io.sparseplan.plans.plan.SearchStep;
import io.sparseplan.plans.plan.SolverOutcome;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Remembers every better plan and every higher bound of a search. */
final class SearchTrail {
  /**
   * The best that was known after a step.
   *
   * @param bound no plan within the goal has less of what is to be least: loss, or microseconds
   */
  record Mark(
      SearchStep.Stage stage,
      long simulatedLayers,
      int[] choice,
      boolean withinGoal,
      double bound) {
    /** The same with another choice that is as good. */
    Mark withChoice(int[] other) {
      return new Mark(stage, simulatedLayers, other, withinGoal, bound);
    }
  }

  private final SearchProblem problem;
  private final List<Mark> marks = new ArrayList<>();
  private PlanValue best;
  private double bound;

  SearchTrail(SearchProblem problem) {
    this.problem = problem;
  }

  /** Remembers the choice and the bound if one of them is better than all before. */
  void add(SearchStep.Stage stage, int[] choice, double bound) {
    PlanValue value = problem.valueOf(choice);
    boolean news = marks.isEmpty() || value.compareTo(best) < 0 || bound > this.bound;
    if (news) {
      addLast(stage, choice, bound);
    }
  }

  /** Remembers what the search ends with, which may cost a little more than what it found. */
  void end(int[] choice, double bound) {
    if (!Arrays.equals(choice, marks.getLast().choice())) {
      addLast(SearchStep.Stage.SETTLEMENT, choice, bound);
    }
  }

  private void addLast(SearchStep.Stage stage, int[] choice, double bound) {
    PlanValue value = problem.valueOf(choice);
    best = value;
    this.bound = bound;
    marks.add(new Mark(stage, problem.simulations(), choice.clone(), value.keepsLimits(), bound));
  }

  /** All that a plan tells of: where there is more, some at even distances, with the ends. */
  List<Mark> marks() {
    if (marks.size() <= SolverOutcome.LONGEST_TRAIL) {
      return List.copyOf(marks);
    }
    List<Mark> kept = new ArrayList<>();
    for (int i = 0; i < SolverOutcome.LONGEST_TRAIL; i++) {
      kept.add(marks.get(i * (marks.size() - 1) / (SolverOutcome.LONGEST_TRAIL - 1)));
    }
    return kept;
  }
}
