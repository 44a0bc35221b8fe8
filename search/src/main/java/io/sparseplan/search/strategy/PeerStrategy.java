package io.sparseplan.search.strategy;

import java.util.Optional;

/**
 * How a peer chooses a candidate for every head. Each has one knob, its own; turned from 0 to 1 it
 * gives plans from the sparsest that the peer can choose to the densest, so that all can be brought
 * to the same goal by {@link MostGenerous}. None reads the time of a layer: no peer has a model of
 * it.
 */
public sealed interface PeerStrategy
    permits DuoAttention, MInference, MoA, PyramidKv, RandomChoice, RazorAttention, SparseVdit {
  /**
   * A choice for every place, in layer-major order.
   *
   * @param generosity 0..1
   * @return empty where the peer has no plan with its knob there
   */
  Optional<int[]> choose(double generosity);
}
