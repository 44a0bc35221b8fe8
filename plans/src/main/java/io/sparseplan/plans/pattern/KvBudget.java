package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * A cache of so many tokens, chosen once when the prompt has been read: those that the last queries
 * look at most, and these queries' own keys. SnapKV (arXiv 2404.14469, §4), and with other budgets
 * PyramidKV, AdaKV and HeadKV. What is decoded stays in the cache.
 *
 * <p>The query heads that read one KV head keep the same tokens: weights are their mean, as in
 * KVCache-Factory, so that the cache holds no token twice.
 *
 * @param capacity tokens of the prompt that are kept, the observing ones among them
 * @param observed the last tokens of the prompt, whose queries choose; less than the capacity
 * @param kernel width of the pooling of their weights along the keys, in tokens, odd
 */
public record KvBudget(
    @JsonProperty("capacityTokens") Tokens capacity,
    @JsonProperty("observedTokens") Tokens observed,
    @JsonProperty("kernelTokens") Tokens kernel,
    @JsonProperty("pooling") Pooling pooling)
    implements DecodePattern {
  /** How weights of neighbouring keys are joined. */
  public enum Pooling {
    @JsonProperty("avgpool")
    AVERAGE,
    @JsonProperty("maxpool")
    MAXIMUM
  }

  public KvBudget {
    if (observed.count() < 1 || observed.count() >= capacity.count()) {
      throw new IllegalArgumentException(
          "The observedTokens (%s) must be positive and less than the capacityTokens (%s)."
              .formatted(observed, capacity));
    }
    if (kernel.count() % 2 == 0) {
      throw new IllegalArgumentException("The kernelTokens (%s) must be odd.".formatted(kernel));
    }
  }

  /**
   * The tokens of a prompt that are kept: the observing ones, and of those before them the heaviest
   * after pooling; all of a prompt that fits the capacity.
   *
   * @param weights that the observing queries give each token of the prompt, summed
   */
  public BitSet keep(Tokens prompt, double[] weights) {
    var kept = new BitSet(prompt.count());
    kept.set(0, prompt.count());
    if (fits(prompt)) {
      return kept;
    }
    int before = prompt.count() - observed.count();
    double[] pooled = new double[before];
    for (int token = 0; token < before; token++) {
      int from = Math.max(0, token - kernel.count() / 2);
      int to = Math.min(before, token + kernel.count() / 2 + 1);
      DoubleStream near = Arrays.stream(weights, from, to);
      pooled[token] =
          switch (pooling) {
            // What lies beyond the ends counts as zeros, as in the peer's code.
            case AVERAGE -> near.sum() / kernel.count();
            case MAXIMUM -> near.max().orElseThrow();
          };
    }
    kept.clear(0, before);
    kept.or(TopTokens.of(pooled, capacity.count() - observed.count()));
    return kept;
  }

  /**
   * Whether two budgets keep the heaviest by the same weights, so that one keeps all of the other.
   */
  public boolean nestsWith(KvBudget other) {
    return observed.equals(other.observed)
        && kernel.equals(other.kernel)
        && pooling == other.pooling;
  }

  /** Whether all of a prompt is kept, so that nothing is chosen. */
  public boolean fits(Tokens prompt) {
    return prompt.compareTo(capacity) <= 0;
  }

  /**
   * What a step reads: what was kept of the prompt, and what was decoded since.
   *
   * @param kept of the step's prompt
   */
  public StepTokens read(DecodeStep step, BitSet kept) {
    var read = (BitSet) kept.clone();
    read.set(step.prompt().count(), step.keys().count());
    return StepTokens.of(read);
  }

  @Override
  public Tokens readTokens(Tokens keys) {
    return Tokens.of(Math.min(keys.count(), capacity.count()));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "kv%s/%s:%s%s"
        .formatted(
            capacity, observed, pooling.name().toLowerCase(Locale.ROOT).substring(0, 3), kernel);
  }
}
