package io.sparseplan.plans.model;

/**
 * Rotary position embedding (arXiv 2104.09864) in Hugging Face's half-split layout: element i of
 * the first half turns with element i of the second by {@code position · theta^(−2i ÷ headDim)}.
 */
public record Rope(double theta) {
  public Rope {
    if (!(theta > 1 && Double.isFinite(theta))) {
      throw new IllegalArgumentException("The rope theta (%s) must exceed 1.".formatted(theta));
    }
  }
}
