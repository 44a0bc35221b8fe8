package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.Arrays;
import java.util.List;

/**
 * From ∂L/∂O to ∂L/∂Q, ∂L/∂K and ∂L/∂V of one layer, with what single weights do to L on the way.
 *
 * <p>Flash attention's backward pass (arXiv 2205.14135, algorithm 4): weights are computed again
 * from the log-sum-exp, tile by tile; with G = ∂L/∂O and D = Σ_d G·O of a row, ∂L/∂A = G·Vᵀ and
 * ∂L/∂S = A ∘ (∂L/∂A − D). Nothing of size N × N exists. Work is shared out by query head, so that
 * no two workers add to the same number and sums have one order; key-value heads are summed over
 * their group afterwards.
 */
public final class AttentionBackward {
  private final AttentionTiles tiles;
  private final RotaryTable rotary;
  private final PackedKeyValues keyValues;
  private final PackedBackwardKeyValues backwardKeyValues;
  private final HeadBackward[] heads;
  private final TileSelector[] selectors;
  private final Activations keyGradients;
  private final Activations valueGradients;

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
        new HeadBackward[Math.min(workers.count(), keyValues.shape().queryHeads().count())];
    Arrays.setAll(heads, worker -> new HeadBackward(rotary, keyValues, backwardKeyValues));
    this.selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(keyValues, rotary));
    var tokens = new TokenRows(keyValues.grid().length().count());
    this.keyGradients = new Activations(tokens, keyValues.shape().queryWidth());
    this.valueGradients = new Activations(tokens, keyValues.shape().queryWidth());
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
    AttentionShape shape = keyValues.shape();
    var blocks = new AttentionBlocks[shape.queryHeads().count()];
    backwardKeyValues.pack(k, v, rotary, workers);
    workers.forEach(
        blocks.length,
        (head, worker) -> {
          HeadBackward backward = heads[worker];
          selectors[worker].load(q, head);
          TileLists lists = tiles.of(layer, head, selectors[worker]).prefill();
          blocks[head] = backward.run(head, lists, q, output, gradient, result.q());
          backward.store(head, keyGradients, valueGradients);
        });
    sumGroups(result, workers);
    return List.of(blocks);
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

  private void sumGroup(Activations ofQueryHeads, int token, int kvHead, float[] sum) {
    int group = keyValues.shape().groupSize();
    int at = ofQueryHeads.at(token) + kvHead * group * sum.length;
    Arrays.fill(sum, 0);
    for (int head = 0; head < group; head++) {
      for (int d = 0; d < sum.length; d++) {
        sum[d] += ofQueryHeads.data()[at + head * sum.length + d];
      }
    }
  }
}
