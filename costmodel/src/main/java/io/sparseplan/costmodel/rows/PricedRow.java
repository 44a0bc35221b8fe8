package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.measured.LaunchRow;
import java.util.List;
import java.util.Optional;

/**
 * A launch with its predicted time.
 *
 * @param sdpaPredictedMillis of PyTorch's dense kernel on the same tensors, where it is known
 * @param outside why the prediction is outside of what was measured: a sentence each
 */
public record PricedRow(
    LaunchRow row,
    double predictedMillis,
    Optional<Double> sdpaPredictedMillis,
    List<String> outside) {
  public PricedRow {
    outside = List.copyOf(outside);
    if (!(predictedMillis > 0 && Double.isFinite(predictedMillis))) {
      throw new IllegalArgumentException(
          "The predicted time (%s ms) of line %d must be positive."
              .formatted(predictedMillis, row.line()));
    }
  }

  /** Whether launches like it were measured. */
  public boolean inRange() {
    return outside.isEmpty();
  }

  /** (predicted − measured) ÷ measured, where it was measured. */
  public Optional<Double> relativeError() {
    return row.measuredMillis().map(measured -> predictedMillis / measured - 1);
  }

  /** The same of PyTorch's dense kernel. */
  public Optional<Double> sdpaRelativeError() {
    return row.sdpaMillis()
        .flatMap(measured -> sdpaPredictedMillis.map(predicted -> predicted / measured - 1));
  }
}
