package io.sparseplan.profiler.statistics;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.attention.TileSelector;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores every candidate for every head of a layer, from one more pass over its keys and values.
 */
public final class LayerScorer {
  private final CandidateLists candidates;
  private final TileGrid grid;
  private final AttentionShape shape;
  private final Workers workers;

  /** A scorer for the layers of one prompt. */
  public LayerScorer(
      List<Pattern> candidates, TileGrid grid, AttentionShape shape, Workers workers) {
    this.candidates = new CandidateLists(candidates, grid);
    this.grid = grid;
    this.shape = shape;
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
    var lists = new CandidateLists.OfHead[heads];
    var selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(layer.keyValues(), layer.rotary()));
    workers.forEach(
        heads,
        (head, worker) -> {
          selectors[worker].load(layer.q(), head);
          lists[head] = candidates.ofHead(selectors[worker]);
        });
    var units = new UnitSums[heads][tiles];
    var scorers = new PanelScorer[workers.count()];
    for (int worker = 0; worker < scorers.length; worker++) {
      scorers[worker] = new PanelScorer(layer.keyValues(), shape.headDim().count(), tiles);
    }
    workers.forEach(
        heads * tiles,
        (unit, worker) -> {
          int queryTile = tiles - 1 - unit / heads;
          int head = unit % heads;
          KeyTileSets sets = lists[head].sets().get(queryTile);
          int first = grid.firstToken(queryTile);
          int end = grid.endToken(queryTile);
          var sums =
              new UnitSums(sets.count(), grid.lastVisibleKeyTile(queryTile) + 1, end - first);
          for (int from = first; from < end; from += WIDTH) {
            scorers[worker].score(
                layer,
                outputGradient,
                head,
                queryTile,
                from,
                Math.min(from + WIDTH, end),
                sets,
                sums);
          }
          units[head][queryTile] = sums;
        });
    var statistics = new ArrayList<HeadStatistics>();
    for (int head = 0; head < heads; head++) {
      var sums = new HeadSums(candidates.count(), grid, blocks.get(head));
      for (int queryTile = 0; queryTile < tiles; queryTile++) {
        sums.add(queryTile, lists[head].sets().get(queryTile), units[head][queryTile]);
      }
      statistics.add(sums.statistics(lists[head].visited()));
    }
    return statistics;
  }
}
