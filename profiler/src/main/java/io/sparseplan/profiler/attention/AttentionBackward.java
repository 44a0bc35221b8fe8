package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * From ∂L/∂O to ∂L/∂Q, ∂L/∂K and ∂L/∂V of one layer, with what single weights do to L on the way.
 *
 * <p>Flash attention's backward pass (arXiv 2205.14135, algorithm 4): weights are computed again
 * from the log-sum-exp, tile by tile; with G = ∂L/∂O and D = Σ_d G·O of a row, ∂L/∂A = G·Vᵀ and
 * ∂L/∂S = A ∘ (∂L/∂A − D). Nothing of size N × N exists. Work is shared out by query head and half,
 * every second query tile, so that no two workers add to the same number and sums have one order;
 * key-value heads are summed over the halves of their group afterwards.
 */
public final class AttentionBackward {
  private static final int PARTS = 2;

  private final AttentionTiles tiles;
  private final RotaryTable rotary;
  private final PackedKeyValues keyValues;
  private final PackedBackwardKeyValues backwardKeyValues;
  private final HeadBackward[] heads;
  private final TileSelector[] selectors;
  private final Activations[] keyGradients = new Activations[PARTS];
  private final Activations[] valueGradients = new Activations[PARTS];

  /**
   * Memory for the layers of one prompt.
   *
   * @param tiles those that the forward pass ran
   */
  public AttentionBackward(
      AttentionTiles tiles, RotaryTable rotary, PackedKeyValues keyValues, Workers workers) {
    this.tiles = tiles;
    this.rotary = rotary;
    this.keyValues = keyValues;
    this.backwardKeyValues = new PackedBackwardKeyValues(keyValues);
    this.heads =
        new HeadBackward[Math.min(workers.count(), PARTS * keyValues.shape().queryHeads().count())];
    Arrays.setAll(heads, worker -> new HeadBackward(rotary, keyValues, backwardKeyValues));
    this.selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(keyValues, rotary));
    var tokens = new TokenRows(keyValues.grid().length().count());
    for (int part = 0; part < PARTS; part++) {
      keyGradients[part] = new Activations(tokens, keyValues.shape().queryWidth());
      valueGradients[part] = new Activations(tokens, keyValues.shape().queryWidth());
    }
  }

  /**
   * Takes the gradient back through a layer's attention.
   *
   * @param layer whose tile lists apply; the packed keys and values must be of that layer
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param k key projections before rotation, {@code [token][kvHead · headDim]}
   * @param v value projections, likewise
   * @param output what the forward pass came to
   * @param gradient ∂L/∂O, {@code [token][head · headDim]}
   * @param result written
   * @return one record a query head
   */
  public List<AttentionBlocks> run(
      int layer,
      Activations q,
      Activations k,
      Activations v,
      AttentionOutput output,
      Activations gradient,
      ProjectionGradients result,
      Workers workers) {
    List<AttentionBlocks> blocks =
        run(layer, q, k, v, output, gradient, Optional.of(result.q()), workers);
    sumGroups(result, workers);
    return blocks;
  }

  /**
   * What single weights do to L alone, where the gradient is taken no further: a third of the work.
   */
  public List<AttentionBlocks> blocks(
      int layer,
      Activations q,
      Activations k,
      Activations v,
      AttentionOutput output,
      Activations gradient,
      Workers workers) {
    return run(layer, q, k, v, output, gradient, Optional.empty(), workers);
  }

  private List<AttentionBlocks> run(
      int layer,
      Activations q,
      Activations k,
      Activations v,
      AttentionOutput output,
      Activations gradient,
      Optional<Activations> queryGradient,
      Workers workers) {
    var sums = new BlockSums[keyValues.shape().queryHeads().count()];
    var lists = new TileLists[sums.length];
    backwardKeyValues.pack(k, v, rotary, workers);
    workers.forEach(
        sums.length,
        (head, worker) -> {
          selectors[worker].load(q, head);
          lists[head] = tiles.of(layer, head, selectors[worker]).prefill();
          sums[head] = BlockSums.of(keyValues.grid());
        });
    workers.forEach(
        PARTS * sums.length,
        (unit, worker) -> {
          int head = unit / PARTS;
          int part = unit % PARTS;
          HeadBackward backward = heads[worker];
          var queryTiles = new HeadBackward.QueryTiles(part, PARTS);
          backward.run(
              head, queryTiles, lists[head], q, output, gradient, sums[head], queryGradient);
          if (queryGradient.isPresent()) {
            backward.store(head, keyGradients[part], valueGradients[part]);
          }
        });
    return Arrays.stream(sums).map(BlockSums::blocks).toList();
  }

  private void sumGroups(ProjectionGradients result, Workers workers) {
    AttentionShape shape = keyValues.shape();
    int headDim = shape.headDim().count();
    workers.forEach(
        keyValues.grid().tiles(),
        (tile, worker) -> {
          float[] sum = new float[headDim];
          for (int token = keyValues.grid().firstToken(tile);
              token < keyValues.grid().endToken(tile);
              token++) {
            for (int kvHead = 0; kvHead < shape.kvHeads().count(); kvHead++) {
              int at = result.k().at(token) + kvHead * headDim;
              sumGroup(keyGradients, token, kvHead, sum);
              rotary.rotateBack(token, sum, result.k().data(), at);
              sumGroup(valueGradients, token, kvHead, sum);
              System.arraycopy(sum, 0, result.v().data(), at, headDim);
            }
          }
        });
  }

  private void sumGroup(Activations[] ofParts, int token, int kvHead, float[] sum) {
    int group = keyValues.shape().groupSize();
    Arrays.fill(sum, 0);
    for (Activations ofQueryHeads : ofParts) {
      int at = ofQueryHeads.at(token) + kvHead * group * sum.length;
      for (int head = 0; head < group; head++) {
        for (int d = 0; d < sum.length; d++) {
          sum[d] += ofQueryHeads.data()[at + head * sum.length + d];
        }
      }
    }
  }
}
