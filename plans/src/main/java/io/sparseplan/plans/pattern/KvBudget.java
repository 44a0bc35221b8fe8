package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Locale;

/**
 * A cache of so many tokens, chosen once when the prompt has been read: those that the last queries
 * look at most, and these queries' own keys. SnapKV (arXiv 2404.14469, §4), and with other budgets
 * PyramidKV, AdaKV and HeadKV.
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
    implements DeclaredPattern {
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

  @Override
  public String needs() {
    return "a choice of single tokens by the pooled weights of the last queries";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "kv%s/%s:%s%s"
        .formatted(
            capacity, observed, pooling.name().toLowerCase(Locale.ROOT).substring(0, 3), kernel);
  }
}
