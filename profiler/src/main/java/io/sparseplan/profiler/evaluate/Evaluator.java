package io.sparseplan.profiler.evaluate;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs prompts dense and with a plan, and compares what comes out. Answers are judged
 * teacher-forced: the true answer is in the prompt, and each of its tokens must be the arg-max
 * after the ones before. N of a span that grows with the length is that of the whole prompt, its
 * answers included.
 */
public final class Evaluator {
  private final LlamaModel model;
  private final ModelIdentity identity;
  private final Optional<Plan> plan;

  /**
   * @throws BadInputException if the plan is for other weights or is not causal
   */
  public Evaluator(ModelDirectory.Loaded loaded, Optional<Plan> plan) {
    this.model = loaded.model();
    this.identity = loaded.identity();
    this.plan = plan;
    plan.ifPresent(
        given -> {
          if (!given.model().sameWeights(identity)) {
            throw new BadInputException(
                "The plan is for the model %s (weights %s); this is %s (weights %s)."
                    .formatted(
                        given.model().name(),
                        given.model().weights().abbreviated(),
                        identity.name(),
                        identity.weights().abbreviated()),
                "tune a plan for this model.");
          }
          if (given.layout().visibility() != Visibility.CAUSAL) {
            throw new BadInputException(
                "The plan is for %s attention; the model %s is causal."
                    .formatted(given.layout().visibility(), identity.name()),
                "tune a plan for this model.");
          }
        });
  }

  /**
   * @param run asked for when all prompts have run
   */
  public Evaluation evaluate(List<Prompt> prompts, Progress progress, Supplier<Run> run) {
    var dense = new MeasuredTally();
    var sparse = new MeasuredTally();
    double all = prompts.stream().mapToDouble(prompt -> prompt.ids().length).sum();
    double done = 0;
    for (Prompt prompt : prompts) {
      Activations denseStates = runDense(prompt);
      dense.add(scores(prompt, denseStates, new double[prompt.ids().length - 1]));
      if (plan.isPresent()) {
        Activations states = runPlan(prompt, plan.get());
        double[] divergence =
            TokenScores.divergence(denseStates, states, model.vocabulary(), model.workers());
        sparse.add(scores(prompt, states, divergence));
      }
      done += prompt.ids().length;
      progress.at(done, all);
    }
    PromptSet promptSet = PromptSet.of(prompts.stream().map(Prompt::member).toList());
    Optional<Measured> measuredPlan = plan.map(given -> sparse.measured());
    return new Evaluation(
        SchemaVersion.CURRENT,
        Tool.THIS,
        identity,
        promptSet,
        plan.map(given -> given.calibration().promptSet().isDisjointFrom(promptSet)).orElse(true),
        dense.measured(),
        measuredPlan,
        run.get());
  }

  private Activations runDense(Prompt prompt) {
    TileGrid grid = TileGrid.causal(prompt.length(), TileSize.DEFAULT);
    return model.forward(
        prompt.ids(), AttentionTiles.dense(grid), new BitSet(), ForwardObserver.NONE);
  }

  private Activations runPlan(Prompt prompt, Plan given) {
    TileGrid grid = TileGrid.causal(prompt.length(), given.layout().tile());
    return model.forward(
        prompt.ids(), AttentionTiles.of(given, grid), prompt.answerTokens(), ForwardObserver.NONE);
  }

  private PromptScores scores(Prompt prompt, Activations states, double[] divergence) {
    return new PromptScores(
        prompt,
        TokenScores.of(states, prompt.ids(), model.vocabulary(), model.workers()),
        divergence);
  }
}
