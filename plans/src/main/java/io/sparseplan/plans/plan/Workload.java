package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.HashSet;
import java.util.List;

/**
 * What the time of a plan is the time of: the same prompts, batched, at each length in turn.
 *
 * @param batch prompts that run in one launch
 * @param lengths ascending, each once
 */
public record Workload(Phase phase, int batch, List<Entry> lengths) {
  /**
   * One length of the workload.
   *
   * @param weight how often it occurs: its time and loss count so many times
   */
  public record Entry(@JsonProperty("lengthTokens") Tokens length, double weight) {
    public Entry {
      if (!(weight > 0 && Double.isFinite(weight))) {
        throw new IllegalArgumentException(
            "The weight (%s) of length %s must be positive.".formatted(weight, length));
      }
      if (length.count() < 1) {
        throw new IllegalArgumentException("A length of the workload is no token long.");
      }
    }
  }

  public Workload {
    lengths = List.copyOf(lengths);
    if (batch < 1) {
      throw new IllegalArgumentException("The batch (%d) must be positive.".formatted(batch));
    }
    if (lengths.isEmpty()
        || new HashSet<>(lengths.stream().map(Entry::length).toList()).size() != lengths.size()) {
      throw new IllegalArgumentException("The lengths %s must name each once.".formatted(lengths));
    }
  }

  /** Prefill of each length equally often. */
  public static Workload prefill(int batch, List<Tokens> lengths) {
    return new Workload(
        Phase.PREFILL, batch, lengths.stream().map(length -> new Entry(length, 1)).toList());
  }
}
