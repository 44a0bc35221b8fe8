package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The loss L whose gradient tells what a change of attention does. It is the mean over the tokens
 * of the answers where the prompt marks them, else over all tokens that are predicted; z are the
 * logits, y is the right token.
 */
public enum Objective {
  /**
   * The log-odds against the right token, ln Σ_{j ≠ y} e^z_j − z_y, in nats: its gradient does not
   * vanish where the model is already sure.
   */
  @JsonProperty("margin")
  MARGIN,
  /** Cross-entropy, ln Σ_j e^z_j − z_y, in nats. */
  @JsonProperty("ce")
  CE,
  /** Cross-entropy of the logits ÷ 4, in nats. */
  @JsonProperty("temp")
  TEMP,
  /**
   * Cross-entropy of labels that are drawn from the model's own prediction, over all tokens whether
   * or not they are answers, in nats. The labels being the model's own, its gradient is noise about
   * 0 whose square is the Fisher information: half of it is KL(dense ‖ changed) to second order.
   */
  @JsonProperty("kl")
  KL,
  /**
   * As {@link #KL}, but of the tokens of marked answers the log-odds against the right token: a
   * model that is sure of an answer gives it no noise to be measured by. Without marked answers it
   * is {@link #KL}.
   */
  @JsonProperty("guarded_kl")
  GUARDED_KL,
  /** No loss: of a capture without gradients. First-order losses and influences are then zeros. */
  @JsonProperty("none")
  NONE
}
