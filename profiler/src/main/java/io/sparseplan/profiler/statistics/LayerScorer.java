package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PermutedTiles;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.attention.DecodeHead;
import io.sparseplan.profiler.attention.TileSelector;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Scores every candidate for every head of a layer, from one more pass over its keys and values.
 */
public final class LayerScorer {
  private final CandidateLists candidates;
  private final StepScorer steps;
  private final TileGrid grid;
  private final AttentionShape shape;
  private final Workers workers;

  /**
   * A scorer for the layers of one prompt without answers.
   *
   * @throws BadInputException if a candidate is a rule of decoding
   */
  public LayerScorer(
      List<Pattern> candidates, TileGrid grid, AttentionShape shape, Workers workers) {
    this(candidates, StepScorer.none(candidates), grid, shape, workers);
  }

  /**
   * A scorer for the layers of one prompt.
   *
   * @param steps scores the candidates that are rules of decoding
   */
  LayerScorer(
      List<Pattern> candidates,
      StepScorer steps,
      TileGrid grid,
      AttentionShape shape,
      Workers workers) {
    this.candidates = new CandidateLists(candidates, grid);
    this.steps = steps;
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
    var units = new LayerUnits(grid, shape, workers);
    return score(
        layer, () -> outputGradient, blocks, sets -> units.score(layer, outputGradient, sets));
  }

  /**
   * Likewise, where the sets of key tiles are scored elsewhere.
   *
   * @param outputGradient asked for where rules of decoding, or tiles of another order, are scored
   * @param scorer scores them against what the layer ran
   */
  List<HeadStatistics> score(
      LayerAttention layer,
      Supplier<Activations> outputGradient,
      List<AttentionBlocks> blocks,
      UnitScorer scorer) {
    int heads = shape.queryHeads().count();
    var lists = new CandidateLists.OfHead[heads];
    var selectors = new TileSelector[workers.count()];
    Arrays.setAll(
        selectors, worker -> new TileSelector(layer.keyValues(), layer.rotary(), layer.sums()));
    workers.forEach(
        heads,
        (head, worker) -> {
          selectors[worker].load(layer.q(), head);
          lists[head] = candidates.ofHead(selectors[worker]);
        });
    UnitSums[][] units =
        scorer.score(Arrays.stream(lists).map(CandidateLists.OfHead::sets).toList());
    var rows = new DecodeHead[workers.count()];
    Arrays.setAll(rows, worker -> new DecodeHead(layer.keyValues(), layer.rotary()));
    int[] permuted = candidates.permuted();
    int[] ofTiles =
        IntStream.range(0, candidates.count())
            .filter(candidate -> !candidates.isPermuted(candidate))
            .toArray();
    Optional<Activations> gradient =
        steps.isEmpty() && permuted.length == 0
            ? Optional.empty()
            : Optional.of(outputGradient.get());
    var statistics = new HeadStatistics[heads];
    workers.forEach(
        heads,
        (head, worker) -> {
          var sums = new HeadSums(candidates.count(), grid, blocks.get(head));
          for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
            sums.add(queryTile, lists[head].sets().get(queryTile), units[head][queryTile], ofTiles);
          }
          if (!steps.isEmpty()) {
            rows[worker].load(layer.q(), head);
            steps.score(layer, gradient.orElseThrow(), head, rows[worker], sums);
          }
          var visited = new ArrayList<int[]>();
          if (permuted.length > 0) {
            selectors[worker].load(layer.q(), head);
          }
          for (int candidate : permuted) {
            PermutedTiles tiles = selectors[worker].permute(candidates.permutation(candidate));
            var scored = PermutedScorer.of(selectors[worker].vectors(), tiles, layer, head);
            Activations ofOutput = gradient.orElseThrow();
            sums.addPermuted(candidate, scored.sums(ofOutput), scored.keptInfluence(ofOutput));
            visited.add(tiles.visited());
          }
          statistics[head] = sums.statistics(candidates.visited(lists[head].selected(), visited));
        });
    return List.of(statistics);
  }
}
