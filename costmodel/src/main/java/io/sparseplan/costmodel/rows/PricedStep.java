package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.decode.DecodeRow;
import java.util.List;
import java.util.Optional;

/**
 * A decode step with its predicted time.
 *
 * @param outside why the prediction is outside of what was measured: a sentence each
 */
public record PricedStep(DecodeRow row, double predictedMillis, List<String> outside) {
  public PricedStep {
    outside = List.copyOf(outside);
  }

  /** (predicted − measured) ÷ measured, where it was measured. */
  public Optional<Double> relativeError() {
    return row.measuredMillis().map(measured -> predictedMillis / measured - 1);
  }
}
