package io.sparseplan.profiler.gpu;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.llama.StoredLayer;
import java.util.Optional;

/** The weights of one decoder layer in a GPU's memory; the parts are {@link StoredLayer}'s. */
record GpuLayer(
    GpuBuffer attentionNorm,
    GpuLinear projections,
    Optional<GpuBuffer> queryNorm,
    Optional<GpuBuffer> keyNorm,
    GpuLinear output,
    GpuBuffer mlpNorm,
    GpuLinear gateAndUp,
    GpuLinear down)
    implements AutoCloseable {
  static GpuLayer upload(GpuSession gpu, StoredLayer stored, Workers workers) {
    return new GpuLayer(
        gpu.uploaded(stored.attentionNorm()).orElseThrow(),
        GpuLinear.upload(gpu, stored.projections(), workers),
        gpu.uploaded(stored.queryNorm()),
        gpu.uploaded(stored.keyNorm()),
        GpuLinear.upload(gpu, stored.output(), workers),
        gpu.uploaded(stored.mlpNorm()).orElseThrow(),
        GpuLinear.upload(gpu, stored.gateAndUp(), workers),
        GpuLinear.upload(gpu, stored.down(), workers));
  }

  @Override
  public void close() {
    attentionNorm.close();
    projections.close();
    queryNorm.ifPresent(GpuBuffer::close);
    keyNorm.ifPresent(GpuBuffer::close);
    output.close();
    mlpNorm.close();
    gateAndUp.close();
    down.close();
  }
}
