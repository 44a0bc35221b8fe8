package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.PackedWeights;

/** The weights of one decoder layer. */
record LayerWeights(
    float[] attentionNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear output,
    float[] mlpNorm,
    Linear gate,
    Linear up,
    Linear down,
    LayerBiases biases,
    HeadNorm queryNorm,
    HeadNorm keyNorm) {
  /** What comes before attention. */
  record Projections(PackedWeights query, PackedWeights key, PackedWeights value) {}

  /** What comes after attention. */
  record AfterAttention(
      PackedWeights output, PackedWeights gate, PackedWeights up, PackedWeights down) {}

  Projections projections(Workers workers) {
    return new Projections(query.forward(workers), key.forward(workers), value.forward(workers));
  }

  Projections transposedProjections(Workers workers) {
    return new Projections(
        query.transposed(workers), key.transposed(workers), value.transposed(workers));
  }

  AfterAttention afterAttention(Workers workers) {
    return new AfterAttention(
        output.forward(workers), gate.forward(workers), up.forward(workers), down.forward(workers));
  }
}
