package io.sparseplan.search.strategy;

import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What peers choose from: the places and candidates of a problem, and what the profile knows of
 * them, as means over the prompts and lengths of the workload.
 *
 * @param groups what the problem calls heads
 * @param density visited tiles ÷ dense tiles of each candidate
 */
public record PeerInput(
    SearchProblem problem,
    HeadGroups groups,
    Profile profile,
    Workload workload,
    double[] density,
    long seed) {
  public static PeerInput of(
      SearchProblem problem, HeadGroups groups, Profile profile, Workload workload, long seed) {
    double[] density = new double[problem.prices().candidates()];
    double weights = 0;
    for (int n = 0; n < workload.lengths().size(); n++) {
      double weight = workload.lengths().get(n).weight();
      weights += weight;
      for (int candidate = 0; candidate < density.length; candidate++) {
        density[candidate] += weight * problem.prices().density(n, candidate);
      }
    }
    for (int candidate = 0; candidate < density.length; candidate++) {
      density[candidate] /= weights;
    }
    return new PeerInput(problem, groups, profile, workload, density, seed);
  }

  /** A loss of the profile, summed over the heads of each place. */
  HeadLosses losses(LossKind kind) {
    return HeadLosses.of(profile, kind.in(profile), workload)
        .ofGroups(groups)
        .numbered(problem.rules().offers());
  }

  /** What the model's output loses, by the gradients that the profile has. */
  HeadLosses outputLosses() {
    return losses(
        LossStatistic.ofWholeOutput(profile).map(LossStatistic::kind).orElse(LossKind.FIRST_ORDER));
  }

  int places() {
    return problem.heads().count();
  }

  Pattern pattern(int candidate) {
    return profile.candidates().get(problem.rules().offers().candidate(candidate));
  }

  /**
   * All fixed candidates from the sparsest to the densest; of equals the first of the profile
   * first. Peers rank what is the same in every head.
   */
  List<Integer> sparsestFirst() {
    return IntStream.range(0, density.length)
        .filter(problem.rules().offers()::isFixed)
        .boxed()
        .sorted(Comparator.comparingDouble(candidate -> density[candidate]))
        .toList();
  }

  /** Those that are no denser than this, but always the sparsest; sparsest first. */
  List<Integer> within(double mostDensity) {
    List<Integer> sorted = sparsestFirst();
    List<Integer> within =
        sorted.stream().filter(candidate -> density[candidate] <= mostDensity).toList();
    return within.isEmpty() ? sorted.subList(0, 1) : within;
  }

  /** A density between that of the sparsest candidate, at 0, and dense, at 1. */
  double densityAt(double generosity) {
    double least = density[sparsestFirst().getFirst()];
    return generosity >= 1 ? 1 : least + generosity * (1 - least);
  }
}
