package io.sparseplan.plans.model;

import io.sparseplan.plans.geometry.Tokens;

/**
 * How far back the queries of one layer see when it runs dense. Patterns choose among the keys
 * within reach; whatever they name beyond it stays hidden.
 */
public sealed interface AttentionReach {
  /** The first key that a query sees, from 0. */
  int firstKey(int query);

  /** The pairs of query and visible key of a prompt. */
  double pairs(int tokens);

  /** Every key up to the query itself. */
  record Everything() implements AttentionReach {
    @Override
    public int firstKey(int query) {
      return 0;
    }

    @Override
    public double pairs(int tokens) {
      return tokens * (tokens + 1.0) / 2;
    }
  }

  /**
   * The last {@code window} keys, the query's own among them (Mistral 7B, arXiv 2310.06825, §2;
   * counted as transformers counts).
   */
  record SlidingWindow(Tokens window) implements AttentionReach {
    public SlidingWindow {
      if (window.count() == 0) {
        throw new IllegalArgumentException("The sliding_window (0) must be positive.");
      }
    }

    @Override
    public int firstKey(int query) {
      return Math.max(0, query - window.count() + 1);
    }

    @Override
    public double pairs(int tokens) {
      double full = Math.max(0, tokens - window.count());
      double rising = tokens - full;
      return full * window.count() + rising * (rising + 1) / 2;
    }
  }
}
