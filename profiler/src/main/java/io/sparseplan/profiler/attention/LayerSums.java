package io.sparseplan.profiler.attention;

import io.sparseplan.plans.pattern.LineScores;
import java.util.Optional;

/**
 * Sums over a layer's queries and keys that rules and traits read, where they are taken somewhere
 * else: on a GPU. What is not there is taken on the CPU, whose code is the reference. May be asked
 * from any thread, as long as the layer is there.
 */
public interface LayerSums {
  /** None are there. */
  LayerSums NONE =
      new LayerSums() {
        @Override
        public Optional<LineScores> lines(int head) {
          return Optional.empty();
        }

        @Override
        public Optional<double[][]> pooledLogits(int head) {
          return Optional.empty();
        }

        @Override
        public Optional<double[][]> antidiagonals(int head, int stride) {
          return Optional.empty();
        }
      };

  /** The weights of the last queries by column and by diagonal. */
  Optional<LineScores> lines(int head);

  /**
   * q̄·k̄ ÷ √headDim of the mean query and the mean key of tiles, {@code [query tile][key tile ≤
   * query tile]}; −∞ beyond the layer's reach.
   */
  Optional<double[][]> pooledLogits(int head);

  /** The estimate of {@link AntidiagonalSums#of}. */
  Optional<double[][]> antidiagonals(int head, int stride);
}
