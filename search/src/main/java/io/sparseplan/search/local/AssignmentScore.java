package io.sparseplan.search.local;

import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.SearchProblem;
import org.optaplanner.core.api.score.buildin.hardsoftlong.HardSoftLongScore;
import org.optaplanner.core.api.score.calculator.IncrementalScoreCalculator;

/**
 * {@link SearchProblem#valueOf} kept up to date: the hard score is the excess in parts (2^40 parts
 * are a whole limit), the soft score the loss in units, both negated.
 *
 * <p>A changed layer is simulated only when a score is asked for that the least parts cannot
 * decide, so a move that is taken back costs nothing.
 */
public final class AssignmentScore
    implements IncrementalScoreCalculator<Assignment, HardSoftLongScore> {
  private SearchProblem problem;
  private int[][] layers;
  private long loss;
  private long[] leastParts;
  private long[] parts;
  private long[][] partsOfLayer;
  private boolean[] changed;

  @Override
  public void resetWorkingSolution(Assignment assignment) {
    problem = assignment.problem();
    int limits = problem.meters().size();
    layers = new int[problem.heads().layers()][problem.heads().inLayer()];
    loss = 0;
    leastParts = new long[limits];
    parts = new long[limits];
    partsOfLayer = new long[layers.length][limits];
    changed = new boolean[layers.length];
    for (HeadChoice head : assignment.heads()) {
      add(head);
    }
  }

  @Override
  public void beforeVariableChanged(Object entity, String variable) {
    HeadChoice head = (HeadChoice) entity;
    int candidate = head.getCandidate();
    loss -= problem.lossUnits(head.place(), candidate);
    for (int k = 0; k < leastParts.length; k++) {
      leastParts[k] -= problem.leastParts(k, candidate);
    }
  }

  @Override
  public void afterVariableChanged(Object entity, String variable) {
    add((HeadChoice) entity);
  }

  private void add(HeadChoice head) {
    int candidate = head.getCandidate();
    loss += problem.lossUnits(head.place(), candidate);
    for (int k = 0; k < leastParts.length; k++) {
      leastParts[k] += problem.leastParts(k, candidate);
    }
    int layer = problem.heads().layerOf(head.place());
    layers[layer][head.place() % problem.heads().inLayer()] = candidate;
    changed[layer] = true;
  }

  @Override
  public HardSoftLongScore calculateScore() {
    long excess = problem.leastExcess(leastParts);
    return HardSoftLongScore.of(-(excess > 0 ? excess : simulatedExcess()), -loss);
  }

  private long simulatedExcess() {
    for (int layer = 0; layer < layers.length; layer++) {
      if (changed[layer]) {
        long[] now = problem.layerParts(layers[layer]);
        for (int k = 0; k < parts.length; k++) {
          parts[k] += now[k] - partsOfLayer[layer][k];
        }
        partsOfLayer[layer] = now;
        changed[layer] = false;
      }
    }
    long excess = 0;
    for (long ofLimit : parts) {
      excess += Math.max(0, ofLimit - LimitMeter.CAPACITY);
    }
    return excess;
  }

  @Override
  public void beforeEntityAdded(Object entity) {
    throw new UnsupportedOperationException("The heads of a model are given.");
  }

  @Override
  public void afterEntityAdded(Object entity) {
    throw new UnsupportedOperationException("The heads of a model are given.");
  }

  @Override
  public void beforeEntityRemoved(Object entity) {
    throw new UnsupportedOperationException("The heads of a model are given.");
  }

  @Override
  public void afterEntityRemoved(Object entity) {
    throw new UnsupportedOperationException("The heads of a model are given.");
  }
}
