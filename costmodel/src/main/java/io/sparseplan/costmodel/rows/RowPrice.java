package io.sparseplan.costmodel.rows;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * The price of one launch, as files hold it.
 *
 * @param line of the rows file, from 1
 * @param why it is not in range; nothing where it is
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record RowPrice(
    int line,
    @JsonProperty("predicted_ms") double predictedMillis,
    @JsonProperty("measured_ms") Optional<Double> measuredMillis,
    @JsonProperty("in_range") boolean inRange,
    @JsonProperty("sdpa_predicted_ms") Optional<Double> sdpaPredictedMillis,
    @JsonProperty("sdpa_measured_ms") Optional<Double> sdpaMeasuredMillis,
    List<String> why) {
  public RowPrice {
    why = List.copyOf(why);
    if (!(predictedMillis > 0 && measuredMillis.orElse(1.0) > 0)) {
      throw new IllegalArgumentException(
          "The times of line %d (predicted %s ms, measured %s) must be positive."
              .formatted(line, predictedMillis, measuredMillis));
    }
  }
}
