package io.sparseplan.plans.link;

/**
 * What a plan should lose when it is measured, by what others lost.
 *
 * @param value KL(dense ‖ plan), nats a token
 * @param least where it would come out if the link were as wrong as it is at worst, downwards
 * @param most the same upwards
 */
public record LossEstimate(double value, double least, double most) {
  public LossEstimate {
    if (!(least >= 0 && least <= value && value <= most && Double.isFinite(most))) {
      throw new IllegalArgumentException(
          "The estimate (%s) must lie in %s..%s.".formatted(value, least, most));
    }
  }
}
