package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.Optional;

/**
 * What a plan that is there already is predicted to come to, by the profile and on the device of a
 * search: a search that allows no more time, or no more loss, finds one that is no worse.
 *
 * @param millis of the workload
 * @param loss mean over the lengths, or that of the worst, in the unit of the request's statistic
 */
public record StartingPoint(double millis, double loss) {
  /**
   * That of the request's baseline, with the request's pins.
   *
   * @throws BadInputException if the profile has not scored all its patterns, or the plan breaks
   *     the request's rules, or is for another model
   */
  public static StartingPoint of(SearchRequest request) {
    HeadPlan plan =
        Optional.<HeadPlan>empty()
            .or(request::baseline)
            .orElseThrow(() -> new IllegalArgumentException("There is no plan to start from."));
    requireScored(plan, request.profile().candidates());
    var setting = SearchSetting.of(request);
    SearchProblem problem = setting.problem(request.goal());
    int[] choice =
        problem
            .rules()
            .baseline()
            .orElseThrow(() -> new IllegalArgumentException("The goal has no baseline."))
            .choice();
    requireOnePatternForAGroup(plan, setting.groups());
    if (problem.rules().broken(choice) > 0) {
      throw new BadInputException(
          "The plan to start from breaks the rules of the search: it has too many patterns in a"
              + " layer, or pins change too many of its heads.",
          "give a goal, such as --max-time 0.5; the search then starts from whatever keeps to the"
              + " rules.");
    }
    return new StartingPoint(problem.workloadMicros(choice) / 1000, problem.lossOf(choice));
  }

  private static void requireScored(HeadPlan plan, List<Pattern> candidates) {
    List<String> missing =
        plan.heads().stream()
            .map(PlannedHead::prefill)
            .filter(pattern -> !candidates.contains(pattern))
            .map(Pattern::label)
            .distinct()
            .toList();
    if (!missing.isEmpty()) {
      throw new BadInputException(
          "The profile has not scored %d of the patterns of the plan to start from: %s."
              .formatted(missing.size(), String.join(", ", missing)),
          "profile again with --patterns-of PLAN, which scores a plan's patterns beside the others.");
    }
  }

  private static void requireOnePatternForAGroup(HeadPlan plan, HeadGroups groups) {
    for (int place = 1; place < groups.queryHeads().count(); place++) {
      PlannedHead before = plan.heads().get(place - 1);
      PlannedHead head = plan.heads().get(place);
      if (groups.groupOf(place - 1) == groups.groupOf(place)
          && !before.prefill().equals(head.prefill())) {
        throw new BadInputException(
            "The heads %s and %s of the plan to start from read one key-value head and run %s and"
                    .formatted(before.id(), head.id(), before.prefill().label())
                + " %s, which the rules of the search do not allow."
                    .formatted(head.prefill().label()),
            "take --granularity q_head, or give a goal, such as --max-time 0.5.");
      }
    }
  }
}
