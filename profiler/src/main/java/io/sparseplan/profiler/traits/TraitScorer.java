package io.sparseplan.profiler.traits;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.profile.HeadTraits;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AntidiagonalSums;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.attention.QueryPanel;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import io.sparseplan.profiler.prompt.CopyTarget;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Takes the traits of every head of a layer, one head a worker. Beside the blocks of the backward
 * pass they need a few rows of weights and one sixteenth of Q·Kᵀ; memory is O(tokens · head_dim).
 */
public final class TraitScorer {
  private final TileGrid grid;
  private final AttentionShape shape;
  private final List<CopyTarget> copyTargets;
  private final Workers workers;
  private final AntidiagonalSums[] antidiagonals;

  /**
   * A scorer for the layers of one prompt.
   *
   * @param copyTargets of the prompt, in any order
   */
  public TraitScorer(
      TileGrid grid, AttentionShape shape, List<CopyTarget> copyTargets, Workers workers) {
    this.grid = grid;
    this.shape = shape;
    this.copyTargets =
        copyTargets.stream().sorted(Comparator.comparingInt(CopyTarget::row)).toList();
    this.workers = workers;
    int stride = AntidiagonalSums.usualStride(grid);
    antidiagonals = new AntidiagonalSums[Math.min(workers.count(), shape.queryHeads().count())];
    Arrays.setAll(antidiagonals, worker -> new AntidiagonalSums(grid, shape, stride));
  }

  /**
   * @param layer a layer that ran dense and causal
   * @param blocks the layer's weights by blocks of the same tiles
   * @return the traits of each query head
   */
  public List<HeadTraits> score(LayerAttention layer, List<AttentionBlocks> blocks) {
    var ofWorker = new HeadScorer[antidiagonals.length];
    for (int worker = 0; worker < ofWorker.length; worker++) {
      ofWorker[worker] = new HeadScorer(layer, antidiagonals[worker]);
    }
    var traits = new HeadTraits[shape.queryHeads().count()];
    workers.forEach(
        traits.length,
        (head, worker) -> traits[head] = ofWorker[worker].traits(head, blocks.get(head)));
    return List.of(traits);
  }

  /** One worker's share of a layer. */
  private final class HeadScorer {
    private final LayerAttention layer;
    private final AntidiagonalSums antidiagonal;
    private final CopyHits copyHits;
    private final ColumnsAndDiagonals columnsAndDiagonals;
    private final ChannelProducts channels;

    HeadScorer(LayerAttention layer, AntidiagonalSums antidiagonal) {
      this.layer = layer;
      this.antidiagonal = antidiagonal;
      var panel = new QueryPanel(layer.keyValues(), QueryPanel.scoresScratch(layer.keyValues()));
      copyHits = new CopyHits(grid, copyTargets, panel);
      columnsAndDiagonals = new ColumnsAndDiagonals(grid, panel);
      channels = new ChannelProducts(shape);
    }

    HeadTraits traits(int head, AttentionBlocks blocks) {
      return new HeadTraits(
          copyHits.of(layer, head),
          columnsAndDiagonals.of(layer, head),
          EstimateQuality.of(
              layer
                  .sums()
                  .antidiagonals(head, antidiagonal.stride())
                  .orElseGet(
                      () -> antidiagonal.of(layer.keyValues(), layer.q(), layer.rotary(), head)),
              blocks.mass()),
          channels.of(layer, head),
          KeptTileSets.of(blocks.mass()));
    }
  }
}
