package io.sparseplan.profiler.objective;

/** The loss of one position; z are its logits, y is the token that it is measured by. */
public enum TokenLoss {
  /** The log-odds against y, ln Σ_{j ≠ y} e^z_j − z_y. */
  LOG_ODDS,
  /** ln Σ_j e^z_j − z_y. */
  CROSS_ENTROPY,
  /** The cross-entropy of the logits ÷ 4. */
  TEMPERED_CROSS_ENTROPY
}
