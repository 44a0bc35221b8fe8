package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.llama.ForwardCost;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/** Runs prompts through a model, dense, and scores every candidate for every head on the way. */
public final class ModelProfiler {
  private final LlamaModel model;
  private final ModelIdentity identity;
  private final TileSize tile;
  private final List<Pattern> candidates;

  public ModelProfiler(
      LlamaModel model, ModelIdentity identity, TileSize tile, List<Pattern> candidates) {
    this.model = model;
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
        SchemaVersion.CURRENT,
        Tool.THIS,
        identity,
        tile,
        PromptSet.of(prompts.stream().map(Prompt::member).toList()),
        candidates,
        records,
        run.get());
  }

  private double flops(Prompt prompt) {
    var cost = new ForwardCost(model.geometry(), prompt.ids().length);
    return cost.linearFlops() + 2 * cost.denseAttentionFlops();
  }

  @FunctionalInterface
  private interface Share {
    void done(double share);
  }

  private PromptStatistics profile(Prompt prompt, Share progress) {
    TileGrid grid = TileGrid.causal(prompt.length(), tile);
    var scorer = new LayerScorer(candidates, grid, model.geometry().attention(), model.workers());
    var heads = new ArrayList<HeadStatistics>();
    double layers = model.geometry().layers().count();
    model.forward(
        prompt.ids(),
        AttentionTiles.dense(grid),
        new BitSet(),
        attention -> {
          heads.addAll(scorer.score(attention));
          progress.done((attention.layer() + 1) / layers);
        });
    return new PromptStatistics(
        prompt.hash(), prompt.length(), prompt.answerTokens().cardinality(), heads);
  }
}
