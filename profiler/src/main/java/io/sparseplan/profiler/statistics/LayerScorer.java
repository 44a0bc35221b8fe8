package io.sparseplan.profiler.statistics;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores every candidate for every head of a layer, from one more pass over its keys and values.
 */
public final class LayerScorer {
  private final SpanSet spanSet;
  private final TileGrid grid;
  private final AttentionShape shape;
  private final int candidates;
  private final Workers workers;

  /** A scorer for the layers of one prompt. */
  public LayerScorer(
      List<Pattern> candidates, TileGrid grid, AttentionShape shape, Workers workers) {
    this.spanSet = new SpanSet(candidates, grid);
    this.grid = grid;
    this.shape = shape;
    this.candidates = candidates.size();
    this.workers = workers;
  }

  /**
   * @param layer a layer that ran dense
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
   * @param blocks the layer's weights by blocks of the same tiles
   * @return the statistics of each query head
   */
  public List<HeadStatistics> score(
      LayerAttention layer, Activations outputGradient, List<AttentionBlocks> blocks) {
    int heads = shape.queryHeads().count();
    int tiles = grid.tiles();
    var units = new UnitSums[heads][tiles];
    var scorers = new PanelScorer[workers.count()];
    for (int worker = 0; worker < scorers.length; worker++) {
      scorers[worker] = new PanelScorer(spanSet, layer.keyValues(), shape.headDim().count(), tiles);
    }
    workers.forEach(
        heads * tiles,
        (unit, worker) -> {
          int queryTile = tiles - 1 - unit / heads;
          int head = unit % heads;
          var sums = new UnitSums(spanSet.spans().size(), queryTile + 1);
          int end = grid.endToken(queryTile);
          for (int from = grid.firstToken(queryTile); from < end; from += WIDTH) {
            scorers[worker].score(
                layer, outputGradient, head, queryTile, from, Math.min(from + WIDTH, end), sums);
          }
          units[head][queryTile] = sums;
        });
    var statistics = new ArrayList<HeadStatistics>();
    for (int head = 0; head < heads; head++) {
      var sums = new HeadSums(spanSet, grid, blocks.get(head));
      for (int queryTile = 0; queryTile < tiles; queryTile++) {
        sums.add(queryTile, units[head][queryTile]);
      }
      statistics.add(sums.statistics(candidates));
    }
    return statistics;
  }
}
