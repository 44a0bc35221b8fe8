package io.sparseplan.search.local;

import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.List;
import org.optaplanner.core.api.domain.solution.PlanningEntityCollectionProperty;
import org.optaplanner.core.api.domain.solution.PlanningScore;
import org.optaplanner.core.api.domain.solution.PlanningSolution;
import org.optaplanner.core.api.score.buildin.bendablelong.BendableLongScore;

/** A candidate for every head, as OptaPlanner sees it. The problem is shared between copies. */
@PlanningSolution
public final class Assignment {
  private SearchProblem problem;

  @PlanningEntityCollectionProperty private List<HeadChoice> heads;

  @PlanningScore(bendableHardLevelsSize = 2, bendableSoftLevelsSize = 2)
  private BendableLongScore score;

  /** For OptaPlanner, which copies solutions. */
  public Assignment() {}

  Assignment(SearchProblem problem, int[] choice) {
    this.problem = problem;
    this.heads = new ArrayList<>();
    for (int place = 0; place < choice.length; place++) {
      heads.add(new HeadChoice(place, problem.options().of(place), choice[place]));
    }
  }

  SearchProblem problem() {
    return problem;
  }

  List<HeadChoice> heads() {
    return heads;
  }

  int[] choice() {
    return heads.stream().mapToInt(HeadChoice::getCandidate).toArray();
  }

  BendableLongScore score() {
    return score;
  }
}
