package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** {@link FastestOf} for any list of options, made once for each. Safe for several threads. */
final class FastestCandidates {
  private final SearchProblem problem;
  private final Map<List<Integer>, FastestOf> known = new ConcurrentHashMap<>();

  FastestCandidates(SearchProblem problem) {
    this.problem = problem;
  }

  /**
   * @param options cheapest first
   */
  FastestOf of(List<Integer> options) {
    return known.computeIfAbsent(options, each -> new FastestOf(problem, each));
  }
}
