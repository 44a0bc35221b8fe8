package io.sparseplan.search.local;

import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.List;
import org.optaplanner.core.api.score.buildin.bendablelong.BendableLongScore;
import org.optaplanner.core.api.solver.SolverFactory;
import org.optaplanner.core.config.heuristic.selector.move.MoveSelectorConfig;
import org.optaplanner.core.config.heuristic.selector.move.composite.UnionMoveSelectorConfig;
import org.optaplanner.core.config.heuristic.selector.move.factory.MoveIteratorFactoryConfig;
import org.optaplanner.core.config.heuristic.selector.move.generic.ChangeMoveSelectorConfig;
import org.optaplanner.core.config.heuristic.selector.move.generic.SwapMoveSelectorConfig;
import org.optaplanner.core.config.localsearch.LocalSearchPhaseConfig;
import org.optaplanner.core.config.localsearch.decider.acceptor.LocalSearchAcceptorConfig;
import org.optaplanner.core.config.localsearch.decider.forager.LocalSearchForagerConfig;
import org.optaplanner.core.config.score.director.ScoreDirectorFactoryConfig;
import org.optaplanner.core.config.solver.EnvironmentMode;
import org.optaplanner.core.config.solver.SolverConfig;
import org.optaplanner.core.config.solver.termination.TerminationConfig;
import org.optaplanner.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;
import org.optaplanner.core.impl.phase.event.PhaseLifecycleListenerAdapter;
import org.optaplanner.core.impl.phase.scope.AbstractStepScope;
import org.optaplanner.core.impl.solver.DefaultSolver;

/**
 * OptaPlanner's simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983) on the
 * simulated times: changes of one head, swaps of two, and trades between two; where a layer may run
 * only so many patterns, {@link LayerMoves} that keep to that; and where only so many heads may
 * change, {@link RevertMoves}. It begins at a plan that hardly any move improves: to accept only
 * what is no worse, as hill climbing and late acceptance do there, would be to stay. One thread, a
 * fixed seed, and an end after so many scores make it reproducible.
 */
public final class LocalSearch {
  /** The loss, or time, that a step may cost at first, as a share of what a head has on average. */
  private static final double START_SHARE = 0.1;

  /** Trades are what still helps near the limit, so they are drawn most often. */
  private static final double DRAWN_FOR_A_SWAP = 3;

  private final SearchProblem problem;
  private final EnvironmentMode mode;

  /**
   * @param choice the best choice that was met, at worst the one at the start
   */
  public record Result(int[] choice, int steps, long scoreCalculations) {}

  /**
   * @param seed of the random moves
   * @param scoreCalculations after so many the search ends
   */
  public record Effort(long seed, int scoreCalculations) {}

  /** Is told about each step. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param fraction of the score calculations that is done, 0..1
     */
    void at(double fraction, int[] bestChoice);
  }

  public LocalSearch(SearchProblem problem) {
    this(problem, EnvironmentMode.REPRODUCIBLE);
  }

  LocalSearch(SearchProblem problem, EnvironmentMode mode) {
    this.problem = problem;
    this.mode = mode;
  }

  /** Improves a choice of candidates that are all among the options of their heads. */
  public Result improve(int[] choice, Effort effort, Listener listener) {
    if (movableHeads() < 2) {
      return new Result(choice.clone(), 0, 0);
    }
    var solver =
        (DefaultSolver<Assignment>)
            SolverFactory.<Assignment>create(config(problem.valueOf(choice), effort)).buildSolver();
    var steps = new StepCounter(effort, listener);
    solver.addPhaseLifecycleListener(steps);
    Assignment best = solver.solve(new Assignment(problem, choice));
    return new Result(
        best.choice(), steps.count, solver.getSolverScope().getScoreCalculationCount());
  }

  private int movableHeads() {
    int movable = 0;
    for (int place = 0; place < problem.heads().count(); place++) {
      movable += problem.options().of(place).size() > 1 ? 1 : 0;
    }
    return movable;
  }

  private SolverConfig config(PlanValue start, Effort effort) {
    return new SolverConfig()
        .withEnvironmentMode(mode)
        .withRandomSeed(effort.seed())
        .withSolutionClass(Assignment.class)
        .withEntityClasses(HeadChoice.class)
        .withScoreDirectorFactory(
            new ScoreDirectorFactoryConfig()
                .withIncrementalScoreCalculatorClass(AssignmentScore.class))
        .withPhases(
            new LocalSearchPhaseConfig()
                .withMoveSelectorConfig(moves())
                .withAcceptorConfig(
                    new LocalSearchAcceptorConfig()
                        .withSimulatedAnnealingStartingTemperature(temperature(start)))
                .withForagerConfig(new LocalSearchForagerConfig().withAcceptedCountLimit(1))
                .withTerminationConfig(
                    new TerminationConfig()
                        .withScoreCalculationCountLimit((long) effort.scoreCalculations())));
  }

  /** Rules and limits stay as cold as they can be: a step may only cost what is to be least. */
  private String temperature(PlanValue start) {
    double ofHead = (double) start.objective() / problem.heads().count();
    long soft = Math.max(1, (long) (START_SHARE * ofHead));
    return BendableLongScore.of(new long[] {0, 0}, new long[] {soft, 0}).toString();
  }

  private UnionMoveSelectorConfig moves() {
    List<MoveSelectorConfig> moves = new ArrayList<>();
    moves.add(new SwapMoveSelectorConfig().withFixedProbabilityWeight(1.0));
    if (problem.rules().limitsPatterns()) {
      moves.add(drawn(LayerMoves.class));
    } else {
      moves.add(new ChangeMoveSelectorConfig().withFixedProbabilityWeight(1.0));
      moves.add(drawn(TradeMoves.class));
    }
    if (problem.rules().limitsChanges()) {
      moves.add(drawn(RevertMoves.class));
    }
    return new UnionMoveSelectorConfig(moves);
  }

  private static MoveIteratorFactoryConfig drawn(
      Class<? extends MoveIteratorFactory<Assignment, HeadsMove>> moves) {
    return new MoveIteratorFactoryConfig()
        .withMoveIteratorFactoryClass(moves)
        .withFixedProbabilityWeight(DRAWN_FOR_A_SWAP);
  }

  private static final class StepCounter extends PhaseLifecycleListenerAdapter<Assignment> {
    private static final int REPORTS = 100;

    private final Effort effort;
    private final Listener listener;
    private int count;
    private long nextReport;

    StepCounter(Effort effort, Listener listener) {
      this.effort = effort;
      this.listener = listener;
    }

    @Override
    public void stepEnded(AbstractStepScope<Assignment> step) {
      count++;
      var phase = step.getPhaseScope();
      long done = phase.getSolverScope().getScoreCalculationCount();
      if (done >= nextReport) {
        nextReport = done + effort.scoreCalculations() / REPORTS;
        Assignment best = phase.getSolverScope().getBestSolution();
        listener.at(Math.min(1, (double) done / effort.scoreCalculations()), best.choice());
      }
    }
  }
}
