package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.HeadTraits;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.PromptTraits;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBackward;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.BlockSparseAttention;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.capture.CaptureDirectory;
import io.sparseplan.profiler.capture.CaptureDirectory.CapturedLayer;
import io.sparseplan.profiler.capture.CaptureDirectory.CapturedSample;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import io.sparseplan.profiler.traits.TraitScorer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Scores every candidate for every head on captured queries, keys and values: what {@link
 * ModelProfiler} does with a layer once its attention is known, and of layouts that no model of it
 * has. Traits are of causal attention alone. One layer of one sample is in memory at a time.
 */
public final class CaptureProfiler {
  private final CaptureDirectory capture;
  private final ProfileBasis basis;
  private final Workers workers;

  /**
   * @param basis what to profile; its model is the one that was captured
   */
  public CaptureProfiler(CaptureDirectory capture, ProfileBasis basis, Workers workers) {
    this.capture = capture;
    this.basis = basis;
    this.workers = workers;
  }

  /**
   * Profiles the samples that have not been finished before.
   *
   * @param finished where records are kept as samples finish
   * @param run asked for when all samples are done
   */
  public Profile profile(FinishedPrompts finished, Progress progress, Supplier<Run> run) {
    var records = new ArrayList<PromptStatistics>();
    for (CapturedSample sample : capture.samples()) {
      records.add(
          finished
              .find(sample.hash())
              .orElseGet(
                  () -> {
                    PromptStatistics record = profile(sample);
                    finished.add(record);
                    return record;
                  }));
      progress.at(records.size(), capture.samples().size());
    }
    return basis.profileOf(records, run.get());
  }

  private PromptStatistics profile(CapturedSample sample) {
    AttentionShape shape = basis.model().attention();
    TileGrid grid = basis.layout().grid(sample.length());
    AttentionTiles tiles = AttentionTiles.dense(grid);
    var tokens = new TokenRows(sample.length().count());
    RotaryTable rotary = RotaryTable.none(shape.headDim());
    var keyValues = new PackedKeyValues(shape, grid);
    var forward = new BlockSparseAttention(tiles, new BitSet(), rotary, keyValues, workers);
    var backward = new AttentionBackward(tiles, rotary, keyValues, workers);
    var output = new AttentionOutput(shape, tokens);
    var scorer = new LayerScorer(basis.candidates(), grid, shape, workers);
    Optional<TraitScorer> traits =
        grid.visibility() == Visibility.CAUSAL
            ? Optional.of(new TraitScorer(grid, shape, List.of(), workers))
            : Optional.empty();
    var heads = new ArrayList<HeadStatistics>();
    var traitsOfHeads = new ArrayList<HeadTraits>();
    for (int layer = 0; layer < basis.model().layers().count(); layer++) {
      CapturedLayer read = capture.layer(sample, layer, basis.layout());
      keyValues.pack(read.k(), read.v(), rotary, new AttentionReach.Everything(), workers);
      forward.run(layer, read.q(), output, workers);
      List<AttentionBlocks> blocks =
          backward.blocks(
              layer, read.q(), read.k(), read.v(), output, read.outputGradient(), workers);
      var seen = new LayerAttention(layer, read.q(), read.k(), read.v(), keyValues, rotary, output);
      heads.addAll(scorer.score(seen, read.outputGradient(), blocks));
      traits.ifPresent(scored -> traitsOfHeads.addAll(scored.score(seen, blocks)));
    }
    return new PromptStatistics(
        sample.hash(),
        sample.length(),
        sample.answerTokens(),
        heads,
        traits.map(scored -> new PromptTraits(0, traitsOfHeads)));
  }
}
