package io.sparseplan.search.local;

import io.sparseplan.search.local.HeadsMove.Change;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.optaplanner.core.api.score.director.ScoreDirector;
import org.optaplanner.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;

/**
 * Random trades between two heads, mostly by one step on each head's list of candidates: near the
 * limit a head can afford more only where another makes do with less.
 */
public final class TradeMoves implements MoveIteratorFactory<Assignment, HeadsMove> {
  @Override
  public long getSize(ScoreDirector<Assignment> director) {
    long options = movable(director).stream().mapToLong(head -> head.options().size() - 1).sum();
    return options * options;
  }

  @Override
  public Iterator<HeadsMove> createOriginalMoveIterator(ScoreDirector<Assignment> director) {
    throw new UnsupportedOperationException("Trades are drawn at random.");
  }

  @Override
  public Iterator<HeadsMove> createRandomMoveIterator(
      ScoreDirector<Assignment> director, Random random) {
    return new Trades(movable(director), random);
  }

  private static List<HeadChoice> movable(ScoreDirector<Assignment> director) {
    return director.getWorkingSolution().heads().stream()
        .filter(head -> head.options().size() > 1)
        .toList();
  }

  private record Trades(List<HeadChoice> heads, Random random) implements Iterator<HeadsMove> {
    @Override
    public boolean hasNext() {
      return heads.size() > 1;
    }

    @Override
    public HeadsMove next() {
      int giver = random.nextInt(heads.size());
      int taker = random.nextInt(heads.size() - 1);
      return new HeadsMove(
          List.of(
              change(heads.get(giver), -1),
              change(heads.get(taker < giver ? taker : taker + 1), 1)));
    }

    private Change change(HeadChoice head, int direction) {
      List<Integer> options = head.options();
      int rank = options.indexOf(head.getCandidate()) + direction;
      while (random.nextInt(3) == 0) {
        rank += direction;
      }
      return new Change(head, options.get(Math.clamp(rank, 0, options.size() - 1)));
    }
  }
}
