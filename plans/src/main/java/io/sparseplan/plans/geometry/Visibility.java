package io.sparseplan.plans.geometry;

/** Which keys dense attention shows to a query. */
public enum Visibility {
  /** Keys at or before the query's own position: decoder-only language models. */
  CAUSAL,
  /** Every key: video diffusion models and encoders. */
  BIDIRECTIONAL
}
