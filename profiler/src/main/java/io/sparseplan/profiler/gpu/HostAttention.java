package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.attention.LayerSums;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;

/**
 * One layer's attention, copied from the GPU for whoever looks at it on the CPU. Queries and keys
 * have been rotated already, as those of a capture; each layer overwrites the one before.
 */
final class HostAttention {
  private final RowKernels.Heads heads;
  private final HeadRows rows;
  private final Workers workers;
  private final Activations q;
  private final Activations k;
  private final Activations v;
  private final AttentionOutput output;
  private final PackedKeyValues keyValues;
  private final RotaryTable unrotated;

  HostAttention(RowKernels.Heads heads, TileGrid grid, Workers workers) {
    AttentionShape shape = heads.shape();
    var tokens = new TokenRows(grid.length().count());
    this.heads = heads;
    this.rows = HeadRows.of(heads, workers);
    this.workers = workers;
    q = new Activations(tokens, shape.queryWidth());
    k = new Activations(tokens, shape.kvWidth());
    v = new Activations(tokens, shape.kvWidth());
    output = new AttentionOutput(shape, tokens);
    keyValues = new PackedKeyValues(shape, grid);
    unrotated = RotaryTable.none(shape.headDim());
  }

  /**
   * @param buffers after the layer's attention
   * @param sums of the same layer
   */
  LayerAttention of(int layer, PrefillBuffers buffers, AttentionReach reach, LayerSums sums) {
    rows.download(buffers.queries(), 1 / heads.queryFactor(), q);
    rows.download(buffers.keys(), 1, k);
    rows.download(buffers.values(), 1, v);
    rows.download(buffers.output(), 1, output.o());
    downloadLogSumExp(buffers.logSumExp());
    keyValues.pack(k, v, unrotated, reach, workers);
    return new LayerAttention(layer, q, k, v, keyValues, unrotated, output, sums);
  }

  /** From natural to log₂, and from [heads][tokens] to {@code [token][head]}. */
  private void downloadLogSumExp(GpuBuffer buffer) {
    Activations into = output.logSumExp();
    int tokens = into.tokens();
    float[] values = new float[into.width() * tokens];
    buffer.download(values);
    for (int head = 0; head < into.width(); head++) {
      for (int token = 0; token < tokens; token++) {
        into.data()[into.at(token) + head] = values[head * tokens + token] * Exp2.LOG2_E;
      }
    }
  }
}
