package io.sparseplan.profiler.statistics;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.List;

/** Scores sets of key tiles for every query tile of every head of a layer, on all workers. */
record LayerUnits(TileGrid grid, AttentionShape shape, Workers workers) {
  /**
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
   * @param setsOfHead of each head those of each query tile
   * @return {@code [head][queryTile]}
   */
  UnitSums[][] score(
      LayerAttention layer, Activations outputGradient, List<List<KeyTileSets>> setsOfHead) {
    int heads = setsOfHead.size();
    int tiles = grid.tiles();
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
          KeyTileSets sets = setsOfHead.get(head).get(queryTile);
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
    return units;
  }
}
