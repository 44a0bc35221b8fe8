package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;

/**
 * Rotary position embedding (arXiv 2104.09864) in Hugging Face's half-split layout: of the r
 * elements of a head that rotate, element i of the first half turns with element i of the second by
 * {@code position · theta^(−2i ÷ r)}, where that frequency may be scaled. Elements after the first
 * r stay as they are.
 *
 * @param rotaryFraction the share of a head's elements that rotate, in (0, 1]
 */
public record Rope(double theta, double rotaryFraction, RopeScaling scaling) {
  @JsonCreator
  public Rope {
    if (!(theta > 1 && Double.isFinite(theta))) {
      throw new IllegalArgumentException("The rope theta (%s) must exceed 1.".formatted(theta));
    }
    if (!(rotaryFraction > 0 && rotaryFraction <= 1)) {
      throw new IllegalArgumentException(
          "The partial_rotary_factor (%s) must be in (0, 1].".formatted(rotaryFraction));
    }
  }

  /** All elements rotate, at frequencies that are not scaled. */
  public Rope(double theta) {
    this(theta, 1, new RopeScaling.None());
  }

  /**
   * How many elements of a head rotate, rounded down as transformers does; those beyond are kept.
   */
  public int rotaryElements(HeadDim headDim) {
    return (int) (headDim.count() * rotaryFraction);
  }
}
