package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.PackedWeights;

/** The weights of one decoder layer. */
record LayerWeights(
    float[] attentionNorm,
    PackedWeights query,
    PackedWeights key,
    PackedWeights value,
    PackedWeights output,
    float[] mlpNorm,
    PackedWeights gate,
    PackedWeights up,
    PackedWeights down,
    LayerBiases biases,
    HeadNorm queryNorm,
    HeadNorm keyNorm) {}
