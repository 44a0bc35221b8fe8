package io.sparseplan.search.local;

import io.sparseplan.search.local.HeadsMove.Change;
import io.sparseplan.search.problem.ChoiceRules;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.optaplanner.core.api.score.director.ScoreDirector;
import org.optaplanner.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;

/**
 * Random moves that give one head or two the baseline's candidate back and change as many others:
 * where as many heads have changed as may, one can change only in place of another, and it may take
 * two to keep the time.
 */
public final class RevertMoves implements MoveIteratorFactory<Assignment, HeadsMove> {
  @Override
  public long getSize(ScoreDirector<Assignment> director) {
    List<HeadChoice> movable = movable(director);
    return movable.size() * movable.stream().mapToLong(head -> head.options().size() - 1).sum();
  }

  @Override
  public Iterator<HeadsMove> createOriginalMoveIterator(ScoreDirector<Assignment> director) {
    throw new UnsupportedOperationException("Moves back are drawn at random.");
  }

  @Override
  public Iterator<HeadsMove> createRandomMoveIterator(
      ScoreDirector<Assignment> director, Random random) {
    ChoiceRules rules = director.getWorkingSolution().problem().rules();
    return new Moves(movable(director), rules, random);
  }

  private static List<HeadChoice> movable(ScoreDirector<Assignment> director) {
    return director.getWorkingSolution().heads().stream()
        .filter(head -> head.options().size() > 1)
        .toList();
  }

  private record Moves(List<HeadChoice> heads, ChoiceRules rules, Random random)
      implements Iterator<HeadsMove> {
    @Override
    public boolean hasNext() {
      return !heads.isEmpty();
    }

    @Override
    public HeadsMove next() {
      List<HeadChoice> changed =
          heads.stream()
              .filter(head -> rules.changes(head.place(), head.getCandidate()) > 0)
              .toList();
      List<HeadChoice> from = changed.isEmpty() ? heads : changed;
      List<Change> changes = new ArrayList<>();
      for (int pairs = random.nextInt(1, 3); pairs > 0; pairs--) {
        HeadChoice back = from.get(random.nextInt(from.size()));
        HeadChoice other = heads.get(random.nextInt(heads.size()));
        Integer next = other.options().get(random.nextInt(other.options().size()));
        changes.add(new Change(other, next));
        changes.add(new Change(back, rules.baseline().orElseThrow().choice()[back.place()]));
      }
      return new HeadsMove(changes);
    }
  }
}
