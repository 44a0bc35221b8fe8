package io.sparseplan.search.local;

import io.sparseplan.search.local.HeadsMove.Change;
import io.sparseplan.search.problem.Offers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.optaplanner.core.api.score.director.ScoreDirector;
import org.optaplanner.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;

/**
 * Random moves that leave a layer with no more different candidates than it has: a head gets the
 * candidate of another of its layer, a candidate is replaced by a neighbour in the whole layer, the
 * layer is made uniform; alone, or as a trade with such a move of another layer.
 */
public final class LayerMoves implements MoveIteratorFactory<Assignment, HeadsMove> {
  @Override
  public long getSize(ScoreDirector<Assignment> director) {
    return director.getWorkingSolution().heads().stream()
        .mapToLong(head -> head.options().size() - 1)
        .sum();
  }

  @Override
  public Iterator<HeadsMove> createOriginalMoveIterator(ScoreDirector<Assignment> director) {
    throw new UnsupportedOperationException("Moves of layers are drawn at random.");
  }

  @Override
  public Iterator<HeadsMove> createRandomMoveIterator(
      ScoreDirector<Assignment> director, Random random) {
    Assignment assignment = director.getWorkingSolution();
    int inLayer = assignment.problem().heads().inLayer();
    List<List<HeadChoice>> layers =
        assignment.heads().stream()
            .collect(Collectors.groupingBy(head -> head.place() / inLayer))
            .values()
            .stream()
            .filter(layer -> layer.stream().anyMatch(LayerMoves::isMovable))
            .toList();
    return new Moves(layers, assignment.problem().rules().offers(), random);
  }

  private static boolean isMovable(HeadChoice head) {
    return head.options().size() > 1;
  }

  private record Moves(List<List<HeadChoice>> layers, Offers offers, Random random)
      implements Iterator<HeadsMove> {
    private static final int UNIFORM_ONE_IN = 16;

    @Override
    public boolean hasNext() {
      return !layers.isEmpty();
    }

    @Override
    public HeadsMove next() {
      int first = random.nextInt(layers.size());
      List<Change> changes = new ArrayList<>(ofLayer(layers.get(first)));
      if (layers.size() > 1 && random.nextBoolean()) {
        int second = random.nextInt(layers.size() - 1);
        changes.addAll(ofLayer(layers.get(second < first ? second : second + 1)));
      }
      return new HeadsMove(changes);
    }

    private List<Change> ofLayer(List<HeadChoice> layer) {
      List<HeadChoice> movable = layer.stream().filter(LayerMoves::isMovable).toList();
      HeadChoice head = movable.get(random.nextInt(movable.size()));
      Integer now = head.getCandidate();
      if (random.nextInt(UNIFORM_ONE_IN) == 0) {
        return movable.stream().map(each -> change(each, now)).toList();
      }
      if (random.nextBoolean()) {
        return List.of(change(head, layer.get(random.nextInt(layer.size())).getCandidate()));
      }
      Integer next = neighbour(head);
      boolean joins = random.nextInt(4) == 0;
      return movable.stream()
          .filter(each -> joins ? each == head : isSame(each.getCandidate(), now))
          .map(each -> change(each, next))
          .toList();
    }

    private Change change(HeadChoice head, int candidate) {
      return new Change(head, offers.as(candidate, head.place()));
    }

    private boolean isSame(int one, int other) {
      return offers.candidate(one) == offers.candidate(other);
    }

    private Integer neighbour(HeadChoice head) {
      List<Integer> options = head.options();
      int direction = random.nextBoolean() ? 1 : -1;
      int rank = options.indexOf(head.getCandidate()) + direction;
      while (random.nextInt(3) == 0) {
        rank += direction;
      }
      return options.get(Math.clamp(rank, 0, options.size() - 1));
    }
  }
}
