package io.sparseplan.search;

import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Says in one sentence why a head runs what it runs. */
final class Explanation {
  /** Beyond so many blocks, changes of single heads are too small to be worth a simulation each. */
  private static final long MOST_BLOCKS = 250_000_000;

  private final SearchRequest request;
  private final SearchProblem problem;
  private final HeadGroups groups;
  private final int[] choice;
  private final boolean simulated;
  private final List<Pattern> candidates;

  /**
   * @param choice the candidate of each group
   * @param blocksOfLayer thread blocks that the simulation of a layer takes
   */
  Explanation(
      SearchRequest request,
      SearchProblem problem,
      HeadGroups groups,
      int[] choice,
      long blocksOfLayer) {
    this.request = request;
    this.problem = problem;
    this.groups = groups;
    this.choice = choice;
    this.simulated = 2 * blocksOfLayer * choice.length <= MOST_BLOCKS;
    this.candidates = request.profile().candidates();
  }

  String of(int queryHeadPlace) {
    int place = groups.groupOf(queryHeadPlace);
    int candidate = choice[place];
    if (problem.rules().isPinned(place)) {
      return "Pinned by the goal: %s.".formatted(label(candidate));
    }
    String why = candidate == UniformPlans.DENSE ? ofDense(place) : ofSparse(place, candidate);
    return groups.groupSize() == 1
        ? why
        : "With the %d heads of its key-value head: %s".formatted(groups.groupSize(), why);
  }

  private String label(int offer) {
    return candidates.get(problem.rules().offers().candidate(offer)).label();
  }

  private String ofDense(int place) {
    return bestSparse(place)
        .map(
            sparse ->
                "Dense: the best sparse choice, %s, would take %s for %s more loss."
                    .formatted(
                        label(sparse),
                        extraTime(place, sparse),
                        differenceText(-lossSaved(place, sparse))))
        .orElse("Dense: the profile offers no other candidate.");
  }

  private Optional<Integer> bestSparse(int place) {
    return IntStream.range(UniformPlans.DENSE + 1, problem.prices().candidates())
        .filter(offer -> problem.rules().offers().isFor(offer, place))
        .boxed()
        .min(
            Comparator.<Integer>comparingDouble(
                    candidate -> problem.losses().mean(place, candidate))
                .thenComparingDouble(problem::workMicros));
  }

  private String ofSparse(int place, int candidate) {
    String kept =
        String.format(
            Locale.ROOT,
            "%s keeps %s of the attention mass at %s for %s of dense time; ",
            label(candidate),
            Figures.percent(recall(place, candidate)),
            lossText(problem.losses().mean(place, candidate) / groups.groupSize()),
            Figures.percent(
                problem.workMicros(candidate) / problem.workMicros(UniformPlans.DENSE)));
    return kept
        + switch (request.strategy()) {
          case UNIFORM ->
              "every head runs it, as the one sparse pattern that loses least within the goal.";
          case MINFERENCE ->
              "it is what keeps the most mass within the same density for every head.";
          case MOA -> "its layer has two rules, for the least influence of what is dropped.";
          case DUO_ATTENTION -> "the head matters less than those that stay dense, so it streams.";
          case RAZOR_ATTENTION ->
              "the head looks back less for what was there before than those that stay dense.";
          case SPARSE_VDIT -> "no other candidate has less error and weighted density.";
          case PYRAMID_KV -> "it is the densest within the budget of its layer.";
          case RANDOM -> "it was drawn.";
          case OPTAPLANNER ->
              nextWider(place, candidate)
                  .map(wider -> comparison(place, wider))
                  .orElse("no dearer choice loses less.");
        };
  }

  /** The cheapest of the dearer options that lose less. */
  private Optional<Integer> nextWider(int place, int candidate) {
    return problem.options().of(place).stream()
        .filter(wider -> problem.workMicros(wider) > problem.workMicros(candidate))
        .filter(
            wider -> problem.losses().mean(place, wider) < problem.losses().mean(place, candidate))
        .findFirst();
  }

  private String comparison(int place, int wider) {
    return "the next wider choice, %s, would take %s for %s less loss."
        .formatted(label(wider), extraTime(place, wider), differenceText(lossSaved(place, wider)));
  }

  private String lossText(double loss) {
    return switch (request.statistic().kind()) {
      case OUTPUT_ERROR -> Figures.percent(loss) + " output error";
      case LOST_MASS -> Figures.percent(loss) + " lost mass";
      case FIRST_ORDER, ABSOLUTE_FIRST_ORDER -> Figures.shortly(loss) + " nats of first-order loss";
      case INFLUENCE -> Figures.shortly(loss) + " nats of influence";
      case DIVERGENCE -> Figures.shortly(loss) + " nats of divergence";
      case GUARDED_DIVERGENCE -> Figures.shortly(loss) + " nats of guarded divergence";
    };
  }

  private String differenceText(double difference) {
    return switch (request.statistic().kind()) {
      case OUTPUT_ERROR, LOST_MASS -> Figures.shortly(difference);
      case FIRST_ORDER, ABSOLUTE_FIRST_ORDER, INFLUENCE, DIVERGENCE, GUARDED_DIVERGENCE ->
          Figures.shortly(difference) + " nats";
    };
  }

  private double lossSaved(int place, int other) {
    return problem.losses().mean(place, choice[place]) - problem.losses().mean(place, other);
  }

  /** How much longer the workload takes when this head or group alone changes. */
  private String extraTime(int place, int other) {
    return simulated
        ? Figures.change(simulatedExtraMicros(place, other))
        : "about " + Figures.change(problem.workMicros(other) - problem.workMicros(choice[place]));
  }

  private double simulatedExtraMicros(int place, int other) {
    ModelHeads heads = problem.heads();
    int[] layer = heads.ofLayer(choice, heads.layerOf(place));
    int[] changed = layer.clone();
    changed[place % heads.inLayer()] = other;
    double extra = 0;
    for (int n = 0; n < problem.prices().lengths(); n++) {
      extra +=
          problem.weight(n)
              * (problem.prices().layerMicros(n, changed) - problem.prices().layerMicros(n, layer));
    }
    return extra;
  }

  /**
   * Mean over prompts and the heads of a group, and over lengths by their weights: those that were
   * profiled, or where none was, the longest of the profile.
   */
  private double recall(int place, int candidate) {
    Profile profile = request.profile();
    double sum = 0;
    double weights = 0;
    List<Workload.Entry> profiled =
        request.workload().lengths().stream()
            .filter(entry -> profile.lengths().contains(entry.length()))
            .toList();
    List<Workload.Entry> entries =
        profiled.isEmpty() ? List.of(new Workload.Entry(profile.lengths().getLast(), 1)) : profiled;
    for (Workload.Entry entry : entries) {
      List<PromptStatistics> prompts = profile.promptsOf(entry.length());
      double mean =
          prompts.stream()
              .flatMapToDouble(prompt -> recalls(prompt, place, candidate))
              .average()
              .orElseThrow();
      sum += entry.weight() * mean;
      weights += entry.weight();
    }
    return sum / weights;
  }

  private DoubleStream recalls(PromptStatistics prompt, int place, int candidate) {
    int first = place * groups.groupSize();
    return prompt.heads().subList(first, first + groups.groupSize()).stream()
        .mapToDouble(head -> head.recall()[problem.rules().offers().candidate(candidate)]);
  }
}
