package io.sparseplan.plans.plan;

import io.sparseplan.plans.model.HeadAxis;
import java.util.List;
import java.util.Optional;

/**
 * What a plan must keep to beside its limits, whatever that costs.
 *
 * @param granularity what shares one pattern
 * @param pins heads whose candidate is given
 * @param denseLayers layers at either end that are given as dense
 * @param maxPatternsPerLayer what the runtime takes, where it takes only so many
 * @param churn the plan to stay close to, where there is one
 */
public record Rules(
    HeadAxis granularity,
    List<Pin> pins,
    DenseEnds denseLayers,
    Optional<MaxPatterns> maxPatternsPerLayer,
    Optional<Churn> churn) {
  /** Any candidate for any query head. */
  public static final Rules NONE =
      new Rules(HeadAxis.QUERY_HEAD, List.of(), DenseEnds.NONE, Optional.empty(), Optional.empty());

  public Rules {
    pins = List.copyOf(pins);
  }

  public Rules withGranularity(HeadAxis axis) {
    return new Rules(axis, pins, denseLayers, maxPatternsPerLayer, churn);
  }

  public Rules withPins(List<Pin> given) {
    return new Rules(granularity, given, denseLayers, maxPatternsPerLayer, churn);
  }

  public Rules withDenseLayers(DenseEnds ends) {
    return new Rules(granularity, pins, ends, maxPatternsPerLayer, churn);
  }

  public Rules withMaxPatternsPerLayer(MaxPatterns most) {
    return new Rules(granularity, pins, denseLayers, Optional.of(most), churn);
  }

  public Rules withChurn(Churn limit) {
    return new Rules(granularity, pins, denseLayers, maxPatternsPerLayer, Optional.of(limit));
  }
}
