package io.sparseplan.profiler.evaluate;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Runs each prompt dense, once, and with each of several plans, and compares what comes out.
 * Answers are judged teacher-forced: the true answer is in the prompt, and each of its tokens must
 * be the arg-max after the ones before. N of a span that grows with the length is that of the whole
 * prompt, its answers included.
 */
public final class PlanRuns {
  private final Backend backend;
  private final List<HeadPlan> plans;

  /**
   * What was measured on all prompts.
   *
   * @param plans in the order of the plans
   */
  public record Measurements(Measured dense, List<Measured> plans) {
    public Measurements {
      plans = List.copyOf(plans);
    }
  }

  /**
   * @param identity of the model that the backend runs
   * @throws BadInputException if a plan is for other weights or is not causal
   */
  public PlanRuns(ModelIdentity identity, Backend backend, List<? extends HeadPlan> plans) {
    this.backend = backend;
    this.plans = List.copyOf(plans);
    plans.forEach(plan -> requireFor(identity, plan));
  }

  private static void requireFor(ModelIdentity identity, HeadPlan plan) {
    if (!plan.model().sameWeights(identity)) {
      throw new BadInputException(
          "The plan is for the model %s (weights %s); this is %s (weights %s)."
              .formatted(
                  plan.model().name(),
                  plan.model().weights().abbreviated(),
                  identity.name(),
                  identity.weights().abbreviated()),
          "tune a plan for this model.");
    }
    if (plan.layout().visibility() != Visibility.CAUSAL) {
      throw new BadInputException(
          "The plan is for %s attention; the model %s is causal."
              .formatted(plan.layout().visibility(), identity.name()),
          "tune a plan for this model.");
    }
  }

  /** Runs every prompt. */
  public Measurements measure(List<Prompt> prompts, Progress progress) {
    var dense = new MeasuredTally();
    var sparse = new ArrayList<MeasuredTally>();
    plans.forEach(plan -> sparse.add(new MeasuredTally()));
    double all = prompts.stream().mapToDouble(prompt -> prompt.ids().length).sum();
    double done = 0;
    for (Prompt prompt : prompts) {
      double share = prompt.ids().length / (1.0 + plans.size());
      Activations denseStates = runDense(prompt);
      dense.add(scores(prompt, denseStates, new double[prompt.ids().length - 1]));
      done += share;
      progress.at(done, all);
      for (int p = 0; p < plans.size(); p++) {
        Activations states = runPlan(prompt, plans.get(p));
        double[] divergence = backend.divergence(denseStates, states);
        sparse.get(p).add(scores(prompt, states, divergence));
        done += share;
        progress.at(done, all);
      }
    }
    return new Measurements(
        dense.measured(), sparse.stream().map(MeasuredTally::measured).toList());
  }

  private Activations runDense(Prompt prompt) {
    TileGrid grid = TileGrid.causal(prompt.length(), TileSize.DEFAULT);
    return backend.forward(prompt.ids(), AttentionTiles.dense(grid), new BitSet());
  }

  private Activations runPlan(Prompt prompt, HeadPlan given) {
    TileGrid grid = TileGrid.causal(prompt.length(), given.layout().tile());
    return backend.forward(prompt.ids(), AttentionTiles.of(given, grid), prompt.answerTokens());
  }

  private PromptScores scores(Prompt prompt, Activations states, double[] divergence) {
    return new PromptScores(prompt, backend.scores(states, prompt.ids()), divergence);
  }
}
