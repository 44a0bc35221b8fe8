package io.sparseplan.plans.link;

/**
 * What was predicted of one plan, and what came.
 *
 * @param timeRatio the predicted time of its workload ÷ that of the same kernel run dense
 * @param predicted loss, in the unit of the link's statistic; positive
 * @param measured KL(dense ‖ plan) in nats a token over the workload's lengths; positive
 */
public record LinkPoint(double timeRatio, double predicted, double measured) {
  public LinkPoint {
    if (!(timeRatio > 0 && Double.isFinite(timeRatio))) {
      throw new IllegalArgumentException(
          "The timeRatio (%s) must be positive.".formatted(timeRatio));
    }
    onLaw(predicted, measured);
  }

  PowerLaw.Point onLaw() {
    return onLaw(predicted, measured);
  }

  private static PowerLaw.Point onLaw(double predicted, double measured) {
    return new PowerLaw.Point(predicted, measured);
  }
}
