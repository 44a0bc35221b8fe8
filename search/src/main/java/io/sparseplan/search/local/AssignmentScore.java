package io.sparseplan.search.local;

import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import org.optaplanner.core.api.score.buildin.bendablelong.BendableLongScore;
import org.optaplanner.core.api.score.calculator.IncrementalScoreCalculator;

/**
 * {@link SearchProblem#valueOf} kept up to date: the hard scores are the broken rules and the
 * excess (2^40 parts are a whole limit), the soft scores the objective and the changed heads, all
 * negated.
 *
 * <p>A changed layer is simulated only when a score is asked for that the least parts cannot
 * decide, so a move that is taken back costs nothing.
 */
public final class AssignmentScore
    implements IncrementalScoreCalculator<Assignment, BendableLongScore> {
  private SearchProblem problem;
  private int[][] layers;
  private long[] loss;
  private long changes;
  private long patternsTooMany;
  private int[] patternsTooManyOfLayer;
  private boolean[] recount;
  private long[] leastParts;
  private long[] parts;
  private long[][] partsOfLayer;
  private boolean[] changed;

  @Override
  public void resetWorkingSolution(Assignment assignment) {
    problem = assignment.problem();
    int meters = problem.meters().size();
    layers = new int[problem.heads().layers()][problem.heads().inLayer()];
    loss = new long[problem.lossTerms()];
    changes = 0;
    patternsTooMany = 0;
    patternsTooManyOfLayer = new int[layers.length];
    recount = new boolean[layers.length];
    leastParts = new long[meters];
    parts = new long[meters];
    partsOfLayer = new long[layers.length][meters];
    changed = new boolean[layers.length];
    for (HeadChoice head : assignment.heads()) {
      add(head);
    }
  }

  @Override
  public void beforeVariableChanged(Object entity, String variable) {
    HeadChoice head = (HeadChoice) entity;
    int candidate = head.getCandidate();
    for (int term = 0; term < loss.length; term++) {
      loss[term] -= problem.lossUnits(term, head.place(), candidate);
    }
    changes -= problem.rules().changes(head.place(), candidate);
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
    for (int term = 0; term < loss.length; term++) {
      loss[term] += problem.lossUnits(term, head.place(), candidate);
    }
    changes += problem.rules().changes(head.place(), candidate);
    for (int k = 0; k < leastParts.length; k++) {
      leastParts[k] += problem.leastParts(k, candidate);
    }
    int layer = problem.heads().layerOf(head.place());
    layers[layer][head.place() % problem.heads().inLayer()] = candidate;
    changed[layer] = true;
    recount[layer] = true;
  }

  @Override
  public BendableLongScore calculateScore() {
    long broken = patternsTooMany() + Math.max(0, changes - problem.rules().mostChanges());
    return scoreOf(problem.value(broken, largestLoss(), leastParts, changes, this::simulatedParts));
  }

  private long largestLoss() {
    long most = 0;
    for (long ofTerm : loss) {
      most = Math.max(most, ofTerm);
    }
    return most;
  }

  /** A value as OptaPlanner compares it. */
  static BendableLongScore scoreOf(PlanValue value) {
    return BendableLongScore.of(
        new long[] {-value.brokenRules(), -value.excess()},
        new long[] {-value.objective(), -value.changes()});
  }

  private long patternsTooMany() {
    if (problem.rules().limitsPatterns()) {
      for (int layer = 0; layer < layers.length; layer++) {
        if (recount[layer]) {
          int now = problem.rules().patternsTooMany(layers[layer]);
          patternsTooMany += now - patternsTooManyOfLayer[layer];
          patternsTooManyOfLayer[layer] = now;
          recount[layer] = false;
        }
      }
    }
    return patternsTooMany;
  }

  private long[] simulatedParts() {
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
    return parts;
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
