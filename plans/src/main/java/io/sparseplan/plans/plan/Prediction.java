package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * What the plan is expected to cost and to save.
 *
 * @param loss weighted mean over the lengths of the workload, in the unit of the statistic
 * @param time weighted sum over the lengths of the workload
 * @param denseWins where dense attention is faster than the plan
 * @param vouched how far the patterns are vouched for, and what runs beyond
 */
public record Prediction(
    double loss, Times time, DenseWins denseWins, Vouched vouched, List<AtLength> byLength) {
  public Prediction {
    byLength = List.copyOf(byLength);
    for (AtLength at : byLength) {
      if (at.length().compareTo(vouched.upTo()) > 0) {
        throw new IllegalArgumentException(
            "The plan has a prediction at length %s and is vouched for up to %s."
                .formatted(at.length(), vouched.upTo()));
      }
    }
  }

  /**
   * One length of the workload.
   *
   * @param density visited tiles ÷ dense tiles, mean over heads
   */
  public record AtLength(
      @JsonProperty("lengthTokens") Tokens length,
      double loss,
      double density,
      Times time,
      KvCache kvCache) {}

  /**
   * Attention time of all layers.
   *
   * @param planMillis the plan, in the kernel of the device table
   * @param dense the same kernel run dense, first, then other dense kernels that the table knows
   */
  public record Times(double planMillis, List<DenseTime> dense) {
    public Times {
      dense = List.copyOf(dense);
      if (dense.isEmpty()) {
        throw new IllegalArgumentException("A time needs a dense kernel to compare with.");
      }
    }

    /** The plan's time ÷ that of its own kernel run dense. */
    public double ratio() {
      return planMillis / dense.getFirst().millis();
    }
  }

  /**
   * What all layers hold of the prompts of a batch once these are read: keys and values, at two
   * bytes an element. Query heads that share a key-value head hold the union of what each needs.
   *
   * @param denseBytes what dense attention holds
   */
  public record KvCache(long planBytes, long denseBytes) {
    public KvCache {
      if (planBytes < 0 || planBytes > denseBytes) {
        throw new IllegalArgumentException(
            "The planBytes (%d) must be in 0..denseBytes (%d).".formatted(planBytes, denseBytes));
      }
    }

    /** What the plan holds ÷ what dense attention does. */
    public double ratio() {
      return planBytes / (double) denseBytes;
    }
  }

  /** A dense kernel, which every speed-up names. */
  public record DenseTime(String kernel, double millis) {}
}
