package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds the plans of least loss from the fastest that there is to the time of dense attention.
 *
 * <p>Idea: the goals differ in one number, so everything that was simulated for one is known to the
 * next, and each search starts at the plan of the next tighter limit, which keeps to its own as
 * well. So no plan loses more than one with less time. What is proven for a limit is proven for
 * every tighter one, so bounds are handed on in the other direction.
 */
public final class CurveSearch {
  /** Each search begins where its neighbour ended, and needs less of its own. */
  private static final int LESS_EFFORT = 4;

  /** Losses this close to each other, relatively, differ by rounding. */
  private static final double ROUNDING = 1e-12;

  /** Limits are rounded up to multiples of one over this. */
  private static final double STEPS_OF_LIMIT = 1e4;

  private final SearchRequest request;
  private final SearchSetting setting;
  private final SearchProgress progress;
  private final SearchEffort effort;

  private CurveSearch(SearchRequest request, SearchProgress progress) {
    this.request = request;
    this.setting = SearchSetting.of(request);
    this.progress = progress;
    this.effort = request.effort().dividedBy(LESS_EFFORT);
  }

  /**
   * The plans, by ascending limit on the time of the workload, each the same factor more.
   *
   * @param request its limits but that on the time of the workload hold for every plan, and its
   *     rules; its aim does not matter
   * @param points how many plans, at least two; there are fewer where limits that are rounded to
   *     four decimals leave no room
   * @throws BadInputException as {@link PlanSearch#search}
   * @throws NoFeasiblePlanException if no plan was found that keeps to every limit
   */
  public static List<Plan> search(SearchRequest request, int points, SearchProgress progress) {
    if (points < 2) {
      throw new IllegalArgumentException(
          "The number (%d) of points must be at least two.".formatted(points));
    }
    return new CurveSearch(request, progress).plans(points);
  }

  private List<Plan> plans(int points) {
    SearchProblem fastestFirst =
        setting.problem(
            new Goal(
                otherLimits(),
                new Aim.LeastTime(Double.MAX_VALUE),
                request.goal().lossOver(),
                request.goal().rules()));
    int[] fastest = search(fastestFirst, effort.withoutLocalSearch(), List.of()).choice();
    List<Goal> goals = limits(ratio(fastestFirst, fastest), points).mapToObj(this::goal).toList();
    List<SearchProblem> problems = goals.stream().map(fastestFirst::withGoal).toList();
    List<FoundPlan> found = found(problems, fastest);
    return IntStream.range(0, goals.size())
        .mapToObj(
            at -> setting.plan(problems.get(at), request.withGoal(goals.get(at)), found.get(at)))
        .toList();
  }

  private List<Limit> otherLimits() {
    return request.goal().limits().stream()
        .filter(limit -> !(limit instanceof Limit.MaxTime || limit instanceof Limit.MaxMillis))
        .toList();
  }

  private Goal goal(double maxTime) {
    return new Goal(
        Stream.concat(Stream.of(new Limit.MaxTime(maxTime)), otherLimits().stream()).toList(),
        new Aim.LeastLoss(),
        request.goal().lossOver(),
        request.goal().rules());
  }

  private double ratio(SearchProblem problem, int[] choice) {
    double dense = 0;
    for (int n = 0; n < problem.prices().lengths(); n++) {
      dense += problem.weight(n) * problem.heads().layers() * problem.prices().denseLayerMicros(n);
    }
    return problem.workloadMicros(choice) / dense;
  }

  private static DoubleStream limits(double least, int points) {
    double most = Math.max(1, least);
    return IntStream.range(0, points)
        .mapToDouble(at -> least * Math.pow(most / least, at / (points - 1.0)))
        .map(limit -> Math.ceil(limit * STEPS_OF_LIMIT) / STEPS_OF_LIMIT)
        .distinct();
  }

  /** One plan for each problem; these ascend by limit. */
  private List<FoundPlan> found(List<SearchProblem> problems, int[] fastest) {
    List<FoundPlan> found = new ArrayList<>();
    int[] before = fastest;
    for (int at = 0; at < problems.size(); at++) {
      SearchProblem problem = problems.get(at);
      FoundPlan plan = search(problem, effort, List.of(before));
      double loss = problem.lossOf(plan.choice());
      double lossBefore = problem.lossOf(before);
      if (at > 0 && loss > lossBefore * (1 - ROUNDING)) {
        plan = plan.withChoice(before);
      }
      found.add(plan);
      before = plan.choice();
      progress.at((at + 1.0) / problems.size(), OptionalDouble.of(loss));
    }
    Collections.reverse(found);
    List<FoundPlan> proven = new ArrayList<>();
    double bound = 0;
    for (FoundPlan plan : found) {
      bound = Math.max(bound, plan.lossBound());
      proven.add(plan.withLossBound(bound));
    }
    Collections.reverse(proven);
    return proven;
  }

  private FoundPlan search(SearchProblem problem, SearchEffort given, List<int[]> starts) {
    return new HeadSearch(
            problem, given, setting.blocksOfLayer(), request.seed(), SearchProgress.NONE)
        .searchedFrom(starts);
  }
}
