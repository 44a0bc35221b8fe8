package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.geometry.Tokens;

/**
 * How rotary frequencies are changed for contexts longer than the model was first trained on.
 * Arithmetic is in float32, in transformers' order: at position 100,000 a last bit is a visible
 * angle.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RopeScaling.None.class, name = "none"),
  @JsonSubTypes.Type(value = RopeScaling.Linear.class, name = "linear"),
  @JsonSubTypes.Type(value = RopeScaling.Llama3.class, name = "llama3")
})
public sealed interface RopeScaling {
  /** The frequency to use, in radians per token, instead of this one. */
  float scaled(float frequency);

  /** Frequencies as they are. */
  record None() implements RopeScaling {
    @Override
    public float scaled(float frequency) {
      return frequency;
    }
  }

  /** All frequencies divided by one factor (position interpolation, arXiv 2306.15595). */
  record Linear(double factor) implements RopeScaling {
    public Linear {
      requireFactor(factor);
    }

    @Override
    public float scaled(float frequency) {
      return frequency / (float) factor;
    }
  }

  /**
   * Llama 3.1's rule. Wavelengths below {@code originalContext ÷ highFrequencyFactor} stay, those
   * above {@code originalContext ÷ lowFrequencyFactor} are stretched by the factor, and those
   * between are blended, linearly in 1 ÷ wavelength.
   *
   * @param originalContext the context before it was extended
   */
  record Llama3(
      double factor,
      double lowFrequencyFactor,
      double highFrequencyFactor,
      @JsonProperty("originalContextTokens") Tokens originalContext)
      implements RopeScaling {
    public Llama3 {
      requireFactor(factor);
      if (!(lowFrequencyFactor > 0
          && highFrequencyFactor > lowFrequencyFactor
          && Double.isFinite(highFrequencyFactor))) {
        throw new IllegalArgumentException(
            "The high_freq_factor (%s) must exceed the low_freq_factor (%s), and both 0."
                .formatted(highFrequencyFactor, lowFrequencyFactor));
      }
      if (originalContext.count() == 0) {
        throw new IllegalArgumentException(
            "The original_max_position_embeddings (0) must be positive.");
      }
    }

    @Override
    public float scaled(float frequency) {
      float wavelength = (float) (2 * Math.PI) / frequency;
      if (wavelength < originalContext.count() / highFrequencyFactor) {
        return frequency;
      }
      float stretched = frequency / (float) factor;
      if (wavelength > originalContext.count() / lowFrequencyFactor) {
        return stretched;
      }
      float smooth =
          (originalContext.count() / wavelength - (float) lowFrequencyFactor)
              / (float) (highFrequencyFactor - lowFrequencyFactor);
      return (1 - smooth) * stretched + smooth * frequency;
    }
  }

  private static void requireFactor(double factor) {
    if (!(factor >= 1 && Double.isFinite(factor))) {
      throw new IllegalArgumentException(
          "The factor (%s) of the rotary scaling must be at least 1.".formatted(factor));
    }
  }
}
