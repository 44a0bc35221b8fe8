package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Random queries, keys, values and gradients of one causal layer, and what they come to in float64.
 *
 * @param reach keys that a query sees; all where it is as long as the prompt
 * @param reference of each query head
 */
record RandomCausalLayer(
    PrefillShape shape,
    short[] queries,
    short[] keys,
    short[] values,
    short[] gradients,
    List<ReferenceBackward.Found> reference) {

  static RandomCausalLayer of(
      int queryHeads, int kvHeads, int headDim, int tile, int tokens, int reach, long seed) {
    var random = new SplittableRandom(seed);
    var attention =
        new AttentionShape(new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(headDim));
    var grid = TileGrid.causal(Tokens.of(tokens), new TileSize(tile));
    var shape =
        new PrefillShape(
            1,
            attention,
            grid,
            reach >= tokens
                ? new AttentionReach.Everything()
                : new AttentionReach.SlidingWindow(Tokens.of(reach)));
    short[] queries = Bf16.normal(Math.toIntExact(shape.queryElements()), random);
    short[] keys = Bf16.normal(Math.toIntExact(shape.keyElements()), random);
    short[] values = Bf16.normal(Math.toIntExact(shape.keyElements()), random);
    short[] gradients = Bf16.normal(queries.length, random);
    // A few queries look for one key almost alone.
    for (int row = 5; row < tokens * queryHeads; row += 11) {
      int head = row / tokens / attention.groupSize();
      int key = Math.max(0, row % tokens - row % 7);
      for (int d = 0; d < headDim; d++) {
        float element = Bf16.toFloat(keys[(head * tokens + key) * headDim + d]);
        queries[row * headDim + d] = Bf16.of(1.5f * element);
      }
    }
    int rows = tokens * headDim;
    return new RandomCausalLayer(
        shape,
        queries,
        keys,
        values,
        gradients,
        IntStream.range(0, queryHeads)
            .parallel()
            .mapToObj(
                head -> {
                  int kvHead = head / attention.groupSize();
                  return new ReferenceBackward(
                          headDim,
                          grid,
                          reach,
                          Arrays.copyOfRange(queries, head * rows, (head + 1) * rows),
                          Arrays.copyOfRange(keys, kvHead * rows, (kvHead + 1) * rows),
                          Arrays.copyOfRange(values, kvHead * rows, (kvHead + 1) * rows),
                          Arrays.copyOfRange(gradients, head * rows, (head + 1) * rows))
                      .run();
                })
            .toList());
  }

  /** Fills the buffers with what a forward pass leaves there. */
  void upload(PrefillBuffers buffers) {
    buffers.queries().upload(queries);
    buffers.keys().upload(keys);
    buffers.values().upload(values);
    buffers.logSumExp().upload(ofRows(ReferenceBackward.Found::logSumExp));
  }

  /** A number of each row of each head. */
  float[] ofRows(Function<ReferenceBackward.Found, double[]> rows) {
    int tokens = shape.grid().length().count();
    var all = new float[tokens * reference.size()];
    for (int head = 0; head < reference.size(); head++) {
      double[] ofHead = rows.apply(reference.get(head));
      for (int token = 0; token < tokens; token++) {
        all[head * tokens + token] = (float) ofHead[token];
      }
    }
    return all;
  }
}
