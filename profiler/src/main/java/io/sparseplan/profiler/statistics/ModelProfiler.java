package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.HeadTraits;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileSchemaVersion;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.PromptTraits;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardCost;
import io.sparseplan.profiler.llama.ForwardTape;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.Vocabulary;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.CopyTarget;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.traits.TraitScorer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs prompts through a model, dense, takes the gradients of a loss back to every head's attention
 * output, and scores every candidate for every head on the way.
 */
public final class ModelProfiler {
  /** About how much of a prompt's time its forward pass takes. */
  private static final double FORWARD_SHARE = 0.2;

  private final LlamaModel model;
  private final ModelIdentity identity;
  private final TileSize tile;
  private final List<Pattern> candidates;
  private final Objective objective;
  private final Vocabulary vocabulary;

  /**
   * @param objective whose gradients are taken
   */
  public ModelProfiler(
      LlamaModel model,
      ModelIdentity identity,
      TileSize tile,
      List<Pattern> candidates,
      Objective objective) {
    this.model = model;
    this.objective = objective;
    this.vocabulary = model.vocabulary();
    this.identity = identity;
    this.tile = tile;
    this.candidates = List.copyOf(candidates);
  }

  /**
   * @param run asked for when all prompts have run
   */
  public Profile profile(List<Prompt> prompts, Progress progress, Supplier<Run> run) {
    double all = prompts.stream().mapToDouble(this::flops).sum();
    double done = 0;
    var records = new ArrayList<PromptStatistics>();
    for (Prompt prompt : prompts) {
      double before = done;
      double ofPrompt = flops(prompt);
      records.add(profile(prompt, share -> progress.at(before + share * ofPrompt, all)));
      done += ofPrompt;
      progress.at(done, all);
    }
    return new Profile(
        ProfileSchemaVersion.CURRENT,
        Tool.THIS,
        identity,
        tile,
        PromptSet.of(prompts.stream().map(Prompt::member).toList()),
        objective,
        candidates,
        records,
        run.get());
  }

  private double flops(Prompt prompt) {
    var cost = new ForwardCost(model.geometry(), prompt.ids().length);
    return 3 * cost.linearFlops() + 4.5 * cost.denseAttentionFlops();
  }

  @FunctionalInterface
  private interface Share {
    void done(double share);
  }

  private PromptStatistics profile(Prompt prompt, Share progress) {
    TileGrid grid = TileGrid.causal(prompt.length(), tile);
    AttentionTiles tiles = AttentionTiles.dense(grid);
    var tape = new ForwardTape();
    Activations states = model.forward(prompt.ids(), tiles, new BitSet(), tape);
    progress.done(FORWARD_SHARE);
    LossGradient loss = LossGradient.of(prompt, objective, states, vocabulary, model.workers());
    var scorer = new LayerScorer(candidates, grid, model.geometry().attention(), model.workers());
    List<CopyTarget> copyTargets = CopyTarget.of(prompt);
    var traits = new TraitScorer(grid, model.geometry().attention(), copyTargets, model.workers());
    var lastLayerFirst = new ArrayList<List<HeadStatistics>>();
    var traitsLastLayerFirst = new ArrayList<List<HeadTraits>>();
    double layers = model.geometry().layers().count();
    model.backward(
        tape,
        tiles,
        loss.states(),
        (attention, outputGradient, blocks) -> {
          lastLayerFirst.add(scorer.score(attention, outputGradient, blocks));
          traitsLastLayerFirst.add(traits.score(attention, blocks));
          double taken = lastLayerFirst.size() / layers;
          progress.done(FORWARD_SHARE + (1 - FORWARD_SHARE) * taken);
        });
    return new PromptStatistics(
        prompt.hash(),
        prompt.length(),
        prompt.answerTokens().cardinality(),
        firstLayerFirst(lastLayerFirst),
        Optional.of(new PromptTraits(copyTargets.size(), firstLayerFirst(traitsLastLayerFirst))));
  }

  private static <T> List<T> firstLayerFirst(List<List<T>> lastLayerFirst) {
    return lastLayerFirst.reversed().stream().flatMap(List::stream).toList();
  }
}
