package io.sparseplan.search.strategy;

import io.sparseplan.search.problem.SearchProblem;
import java.util.Optional;

/**
 * Brings a peer to a goal: the plan with its knob turned as far as the goal allows, by bisection.
 * The time of a plan need not grow with every turn; then the plan found is one of several at which
 * the goal begins to be broken.
 */
public final class MostGenerous {
  private static final int BISECTIONS = 24;

  private MostGenerous() {}

  /** Empty if even the sparsest plan of the peer breaks the goal. */
  public static Optional<int[]> of(PeerStrategy peer, SearchProblem problem) {
    Optional<int[]> densest = keeping(peer, 1, problem);
    if (densest.isPresent()) {
      return densest;
    }
    Optional<int[]> best = keeping(peer, 0, problem);
    double keeps = 0;
    double breaks = 1;
    for (int bisection = 0; bisection < BISECTIONS; bisection++) {
      double middle = (keeps + breaks) / 2;
      Optional<int[]> choice = keeping(peer, middle, problem);
      if (choice.isPresent()) {
        best = choice;
        keeps = middle;
      } else {
        breaks = middle;
      }
    }
    return best;
  }

  private static Optional<int[]> keeping(
      PeerStrategy peer, double generosity, SearchProblem problem) {
    return peer.choose(generosity)
        .map(choice -> pinned(choice, problem))
        .filter(choice -> problem.valueOf(choice).keepsLimits());
  }

  private static int[] pinned(int[] choice, SearchProblem problem) {
    int[] pinned = choice.clone();
    for (int place = 0; place < pinned.length; place++) {
      if (problem.rules().isPinned(place)) {
        pinned[place] = problem.rules().pinned()[place];
      }
    }
    return pinned;
  }
}
