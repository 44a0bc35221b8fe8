package io.sparseplan.search;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Churn;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.Offers;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The rules of a goal in terms of the heads and candidates that are searched. */
final class RequestRules {
  private RequestRules() {}

  /**
   * @throws BadInputException if the rules do not fit the model or the candidates, contradict each
   *     other, or the baseline is for another model
   */
  static ChoiceRules of(SearchRequest request, HeadGroups groups) {
    Rules rules = request.goal().rules();
    List<Pattern> candidates = request.profile().candidates();
    int[] pinned = PinnedHeads.of(rules, groups, candidates);
    Offers offers = Offers.of(candidates, groups.heads().count());
    Optional<ChoiceRules.Baseline> baseline =
        rules.churn().map(churn -> baseline(churn, request, groups, pinned, offers));
    return new ChoiceRules(
        groups.heads(),
        numbered(pinned, offers),
        rules.maxPatternsPerLayer().map(MaxPatterns::ofLayer).orElse(ChoiceRules.ANY_NUMBER),
        baseline,
        offers);
  }

  private static ChoiceRules.Baseline baseline(
      Churn churn, SearchRequest request, HeadGroups groups, int[] pinned, Offers offers) {
    if (request.baseline().isEmpty()) {
      throw new IllegalArgumentException("The goal limits churn without a baseline.");
    }
    HeadPlan plan = request.baseline().get();
    requireSameHeads(plan, request);
    List<Pattern> candidates = request.profile().candidates();
    int[][] changed = new int[groups.heads().count()][candidates.size()];
    int[] choice = new int[changed.length];
    Arrays.fill(choice, UniformPlans.DENSE);
    for (int place = 0; place < groups.queryHeads().count(); place++) {
      int group = groups.groupOf(place);
      int before = candidates.indexOf(plan.heads().get(place).prefill());
      for (int candidate = 0; candidate < candidates.size(); candidate++) {
        changed[group][candidate] += candidate == before ? 0 : 1;
      }
      if (before >= 0) {
        choice[group] = before;
      }
    }
    int given = 0;
    for (int group = 0; group < choice.length; group++) {
      if (pinned[group] != ChoiceRules.FREE) {
        choice[group] = pinned[group];
        given += changed[group][pinned[group]];
      }
    }
    int most = (int) Math.floor(churn.maxShare() * groups.queryHeads().count() + 1e-9);
    if (given > most) {
      throw new BadInputException(
          "The pins change %d heads against the old plan; %d of %d may change."
              .formatted(given, most, groups.queryHeads().count()),
          "raise --max-churn, or pin what the old plan has.");
    }
    return new ChoiceRules.Baseline(changed, most, numbered(choice, offers));
  }

  private static int[] numbered(int[] candidateOfPlace, Offers offers) {
    int[] numbered = candidateOfPlace.clone();
    for (int place = 0; place < numbered.length; place++) {
      if (numbered[place] != ChoiceRules.FREE) {
        numbered[place] = offers.offer(numbered[place], place);
      }
    }
    return numbered;
  }

  private static void requireSameHeads(HeadPlan plan, SearchRequest request) {
    var old = plan.model();
    var model = request.profile().model();
    if (!old.layers().equals(model.layers()) || !old.attention().equals(model.attention())) {
      throw new BadInputException(
          "The old plan is for the model %s with %d layers of %d query heads; the profile is of %s"
                  .formatted(
                      old.name(),
                      old.layers().count(),
                      old.attention().queryHeads().count(),
                      model.name())
              + " with %d of %d."
                  .formatted(model.layers().count(), model.attention().queryHeads().count()),
          "give a plan of this model.");
    }
  }
}
