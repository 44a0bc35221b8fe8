package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.HeadTraits;
import io.sparseplan.plans.profile.InductionScores;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.PromptTraits;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.attention.DecodeHead;
import io.sparseplan.profiler.attention.EarlierChoices;
import io.sparseplan.profiler.llama.ForwardCost;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.CopyTarget;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.traits.InductionProbe;
import io.sparseplan.profiler.traits.TraitScorer;
import java.util.ArrayList;
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

  private final ProfiledModel model;
  private final ProfileBasis basis;

  /** On the CPU; otherwise likewise. */
  public ModelProfiler(LlamaModel model, ProfileBasis basis) {
    this(new CpuProfiledModel(model), basis);
  }

  /**
   * @param basis what to profile; its model is the one that runs
   */
  public ModelProfiler(ProfiledModel model, ProfileBasis basis) {
    this.model = model;
    this.basis = basis;
  }

  /**
   * Profiles the prompts that have not been finished before.
   *
   * @param finished where records are kept as prompts finish
   * @param run asked for when all prompts have run
   * @throws BadInputException if the heap is too small for the longest prompt, or a candidate is a
   *     rule of decoding and a prompt marks no answer
   */
  public Profile profile(
      List<Prompt> prompts, FinishedPrompts finished, Progress progress, Supplier<Run> run) {
    model.requireHeap(prompts.stream().mapToInt(prompt -> prompt.ids().length).max().orElse(0));
    prompts.forEach(this::requireAnswers);
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
    InductionScores induction =
        InductionProbe.scores(model.geometry(), basis.tile(), model.workers(), model::observe);
    return basis.profileOf(records, run.get()).withInduction(induction);
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
    try (DensePass pass = model.densePass(prompt.ids(), grid)) {
      progress.done(FORWARD_SHARE);
      return profile(prompt, grid, pass, progress);
    }
  }

  private PromptStatistics profile(Prompt prompt, TileGrid grid, DensePass pass, Share progress) {
    LossGradient loss = model.loss(prompt, basis.objective(), pass.states());
    var scorer =
        new LayerScorer(
            basis.candidates(),
            stepScorer(prompt, grid),
            grid,
            model.geometry().attention(),
            model.workers());
    List<CopyTarget> copyTargets = CopyTarget.of(prompt);
    var traits = new TraitScorer(grid, model.geometry().attention(), copyTargets, model.workers());
    var lastLayerFirst = new ArrayList<List<HeadStatistics>>();
    var traitsLastLayerFirst = new ArrayList<List<HeadTraits>>();
    double layers = model.geometry().layers().count();
    pass.backward(
        loss.states(),
        (attention, outputGradient, blocks, units) -> {
          lastLayerFirst.add(scorer.score(attention, outputGradient, blocks, units));
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

  private void requireAnswers(Prompt prompt) {
    if (prompt.answers().isEmpty()) {
      StepScorer.requireNone(
          basis.candidates(), "the prompt of line %d marks none".formatted(prompt.line()));
    }
  }

  /** What layers choose for later ones is seen on a way forward of its own. */
  private StepScorer stepScorer(Prompt prompt, TileGrid grid) {
    List<DecodeStep> steps = DecodeStep.of(prompt.answerTokens());
    var choices = new EarlierChoices(StepScorer.decodePatterns(basis.candidates()));
    if (!choices.isEmpty()) {
      model.observe(prompt.ids(), grid, attention -> choose(choices, attention, steps));
    }
    return new StepScorer(basis.candidates(), steps, choices);
  }

  private void choose(EarlierChoices choices, LayerAttention attention, List<DecodeStep> steps) {
    if (!choices.areMadeIn(attention.layer())) {
      return;
    }
    var rows = new DecodeHead(attention.keyValues(), attention.rotary());
    for (int head = 0; head < model.geometry().attention().queryHeads().count(); head++) {
      rows.load(attention.q(), head);
      choices.choose(attention.layer(), head, rows, steps);
    }
  }

  private static <T> List<T> firstLayerFirst(List<List<T>> lastLayerFirst) {
    return lastLayerFirst.reversed().stream().flatMap(List::stream).toList();
  }
}
