package io.sparseplan.profiler.traits;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;

/** Softmax weights of single pairs of query and key of one head, from the row's log-sum-exp. */
final class PairWeights {
  private final LayerAttention layer;
  private final int head;
  private final int kvHead;
  private final float[] query;
  private final float[] key;
  private int token;
  private double logSumExp;

  PairWeights(LayerAttention layer, AttentionShape shape, int head) {
    this.layer = layer;
    this.head = head;
    kvHead = head / shape.groupSize();
    query = new float[shape.headDim().count()];
    key = new float[shape.headDim().count()];
  }

  /** Takes a query. */
  void load(int queryToken) {
    token = queryToken;
    rotate(layer.q(), queryToken, head, query);
    Activations ofRows = layer.output().logSumExp();
    logSumExp = ofRows.data()[ofRows.at(queryToken) + head];
  }

  /** The weight on a key up to the query; 0 beyond the layer's reach. */
  double of(int keyToken) {
    if (keyToken < layer.keyValues().reach().firstKey(token)) {
      return 0;
    }
    rotate(layer.k(), keyToken, kvHead, key);
    double score = 0;
    for (int d = 0; d < query.length; d++) {
      score += query[d] * key[d];
    }
    // The log-sum-exp is in log₂.
    return Math.exp(score / Math.sqrt(query.length) - logSumExp * Math.log(2));
  }

  private void rotate(Activations source, int row, int headOfSource, float[] target) {
    int at = source.at(row) + headOfSource * target.length;
    layer.rotary().rotate(row, source.data(), at, target);
  }
}
