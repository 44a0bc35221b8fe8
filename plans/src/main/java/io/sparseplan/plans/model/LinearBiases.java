package io.sparseplan.plans.model;

/**
 * Which linear layers add a bias.
 *
 * @param queryKeyValue the q, k and v projections
 * @param output the projection of the attention output
 * @param mlp gate, up and down
 */
public record LinearBiases(boolean queryKeyValue, boolean output, boolean mlp) {
  /** No biases. */
  public static final LinearBiases NONE = new LinearBiases(false, false, false);
}
