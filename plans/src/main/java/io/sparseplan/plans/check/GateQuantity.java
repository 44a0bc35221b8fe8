package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** What a gate limits. */
public enum GateQuantity {
  @JsonProperty("drift")
  DRIFT("share of heads that attend otherwise than when the plan was published", Side.AT_MOST),
  @JsonProperty("loss")
  LOSS("measured loss of the plan − loss of dense, nats per answer token", Side.AT_MOST),
  @JsonProperty("kl")
  KL("measured KL(dense‖plan), nats a token", Side.AT_MOST),
  @JsonProperty("answers")
  ANSWERS("exact answers of the plan ÷ exact answers of dense", Side.AT_LEAST),
  @JsonProperty("time")
  TIME("predicted attention time ÷ that of the same kernel run dense", Side.AT_MOST),
  @JsonProperty("memory")
  MEMORY("keys and values that the next token reads ÷ those of dense", Side.AT_MOST),
  @JsonProperty("churn")
  CHURN("share of heads that run another pattern than in the published plan", Side.AT_MOST);

  private enum Side {
    AT_MOST("≤"),
    AT_LEAST("≥");

    private final String sign;

    Side(String sign) {
      this.sign = sign;
    }
  }

  private final String meaning;
  private final Side side;

  GateQuantity(String meaning, Side side) {
    this.meaning = meaning;
    this.side = side;
  }

  /** As it stands in a budget. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What is measured, with its unit. */
  public String meaning() {
    return meaning;
  }

  /** How what is found must stand to the limit: {@code ≤} or {@code ≥}. */
  public String sign() {
    return side.sign;
  }

  boolean isKept(double found, double limit) {
    return switch (side) {
      case AT_MOST -> found <= limit;
      case AT_LEAST -> found >= limit;
    };
  }
}
