package io.sparseplan.profiler.llama;

/** The biases of one decoder layer's linear layers. */
record LayerBiases(Bias query, Bias key, Bias value, Bias output, Bias gate, Bias up, Bias down) {}
