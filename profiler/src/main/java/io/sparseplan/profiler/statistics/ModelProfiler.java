package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.HeadTraits;
import io.sparseplan.plans.profile.InductionScores;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.PromptTraits;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardCost;
import io.sparseplan.profiler.llama.ForwardTape;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.MemoryNeed;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.CopyTarget;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.traits.InductionProbe;
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
  private final ProfileBasis basis;

  /**
   * @param basis what to profile; its model is the one that runs
   */
  public ModelProfiler(LlamaModel model, ProfileBasis basis) {
    this.model = model;
    this.basis = basis;
  }

  /**
   * Profiles the prompts that have not been finished before.
   *
   * @param finished where records are kept as prompts finish
   * @param run asked for when all prompts have run
   * @throws BadInputException if the heap is too small for the longest prompt
   */
  public Profile profile(
      List<Prompt> prompts, FinishedPrompts finished, Progress progress, Supplier<Run> run) {
    requireHeap(prompts);
    double all = prompts.stream().mapToDouble(this::flops).sum();
    double done = 0;
    var records = new ArrayList<PromptStatistics>();
    for (Prompt prompt : prompts) {
      double before = done;
      double ofPrompt = flops(prompt);
      records.add(
          finished
              .find(prompt.hash())
              .orElseGet(
                  () -> {
                    PromptStatistics record =
                        profile(prompt, share -> progress.at(before + share * ofPrompt, all));
                    finished.add(record);
                    return record;
                  }));
      done += ofPrompt;
      progress.at(done, all);
    }
    InductionScores induction = InductionProbe.scores(model, basis.tile());
    return basis.profileOf(records, run.get()).withInduction(induction);
  }

  /** Said at once, not after hours. */
  private void requireHeap(List<Prompt> prompts) {
    int longest = prompts.stream().mapToInt(prompt -> prompt.ids().length).max().orElse(0);
    MemoryNeed need = model.memoryNeed(longest);
    long heapBytes = Runtime.getRuntime().maxMemory();
    if (need.bytes() > heapBytes) {
      throw new BadInputException(
          "A prompt of %d tokens needs %d MiB on this model (%d MiB of weights, %d MiB of activations); the heap is %d MiB."
              .formatted(
                  longest,
                  need.bytes() >> 20,
                  need.weightBytes() >> 20,
                  need.activationBytes() >> 20,
                  heapBytes >> 20),
          "raise it: SPARSEPLAN_JAVA_OPTIONS=-Xmx%dg, or leave out long prompts with --lengths."
              .formatted((need.bytes() * 5 / 4 >> 30) + 1));
    }
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
    TileGrid grid = TileGrid.causal(prompt.length(), basis.tile());
    AttentionTiles tiles = AttentionTiles.dense(grid);
    var tape = new ForwardTape();
    Activations states = model.forward(prompt.ids(), tiles, new BitSet(), tape);
    progress.done(FORWARD_SHARE);
    LossGradient loss =
        LossGradient.of(prompt, basis.objective(), states, model.vocabulary(), model.workers());
    var scorer =
        new LayerScorer(basis.candidates(), grid, model.geometry().attention(), model.workers());
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
