package io.sparseplan.profiler.llama;

/**
 * The weights of one decoder layer where they are stored: nothing is read before it is asked for,
 * but what norms and biases hold.
 *
 * @param projections of queries, keys and values
 * @param queryNorm of each query head by itself, headDim; none at all where heads are not
 *     normalised
 * @param keyNorm likewise of each key head
 */
public record StoredLayer(
    float[] attentionNorm,
    StoredLinear projections,
    float[] queryNorm,
    float[] keyNorm,
    StoredLinear output,
    float[] mlpNorm,
    StoredLinear gateAndUp,
    StoredLinear down) {}
