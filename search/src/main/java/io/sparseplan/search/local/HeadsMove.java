package io.sparseplan.search.local;

import java.util.List;
import org.optaplanner.core.api.score.director.ScoreDirector;
import org.optaplanner.core.impl.heuristic.move.AbstractMove;

/** Gives several heads another candidate, at once. */
final class HeadsMove extends AbstractMove<Assignment> {
  /** A head and the candidate that it gets. */
  record Change(HeadChoice head, Integer candidate) {}

  private final List<Change> changes;

  HeadsMove(List<Change> changes) {
    this.changes = List.copyOf(changes);
  }

  @Override
  public boolean isMoveDoable(ScoreDirector<Assignment> director) {
    return changes.stream()
        .anyMatch(change -> !change.candidate().equals(change.head().getCandidate()));
  }

  @Override
  protected HeadsMove createUndoMove(ScoreDirector<Assignment> director) {
    return new HeadsMove(
        changes.stream()
            .map(change -> new Change(change.head(), change.head().getCandidate()))
            .toList());
  }

  @Override
  protected void doMoveOnGenuineVariables(ScoreDirector<Assignment> director) {
    for (Change change : changes) {
      director.beforeVariableChanged(change.head(), HeadChoice.CANDIDATE);
      change.head().setCandidate(change.candidate());
      director.afterVariableChanged(change.head(), HeadChoice.CANDIDATE);
    }
  }

  @Override
  public String toString() {
    return changes.toString();
  }
}
