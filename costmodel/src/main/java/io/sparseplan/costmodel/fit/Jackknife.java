package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.ConstantIntervals;
import io.sparseplan.costmodel.Interval;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.KernelShape;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Standard errors of fitted constants by the delete-a-group jackknife (Kott, "The delete-a-group
 * jackknife", Journal of Official Statistics 17, 2001): with k fits, each without one of k groups
 * of rows, the squared standard error is (k − 1) ÷ k · Σ (constant without the group − constant)².
 * The folds of a cross-validation are such groups, so their fits give it for nothing. An interval
 * is two standard errors to either side, and never below zero.
 */
final class Jackknife {
  private static final MathContext DIGITS = new MathContext(4);

  private final KernelConstants all;
  private final List<KernelConstants> withoutAGroup;

  private Jackknife(KernelConstants all, List<KernelConstants> withoutAGroup) {
    this.all = all;
    this.withoutAGroup = withoutAGroup;
  }

  /**
   * The intervals of a shape's constants; none where a fit without a group has no such shape, or
   * puts another number of blocks on a multiprocessor, whose constants mean something else.
   */
  static Optional<ConstantIntervals> intervals(
      KernelShape shape, List<List<KernelShape>> withoutAGroup) {
    List<KernelConstants> others =
        withoutAGroup.stream()
            .flatMap(List::stream)
            .filter(
                other ->
                    other.headDim().equals(shape.headDim()) && other.tile().equals(shape.tile()))
            .map(KernelShape::constants)
            .filter(
                other ->
                    other.occupancy().blocksEach() == shape.constants().occupancy().blocksEach())
            .toList();
    return others.size() < withoutAGroup.size()
        ? Optional.empty()
        : Optional.of(new Jackknife(shape.constants(), others).intervals());
  }

  private ConstantIntervals intervals() {
    return new ConstantIntervals(
        of(constants -> constants.occupancy().aloneSpeedup()),
        of(KernelConstants::launchMicros),
        of(KernelConstants::startMicros),
        of(KernelConstants::loadMicros),
        of(KernelConstants::cachedLoadMicros),
        of(KernelConstants::blockMicros),
        of(KernelConstants::hiddenMicros),
        of(KernelConstants::tileMicros),
        of(KernelConstants::partialMicros),
        of(KernelConstants::fullMicros),
        of(KernelConstants::bidirectionalMicros));
  }

  private Interval of(ToDoubleFunction<KernelConstants> constant) {
    double value = constant.applyAsDouble(all);
    double squares =
        withoutAGroup.stream()
            .mapToDouble(constant)
            .map(other -> (other - value) * (other - value))
            .sum();
    int groups = withoutAGroup.size();
    double twoErrors = 2 * Math.sqrt(squares * (groups - 1) / groups);
    return new Interval(rounded(Math.max(0, value - twoErrors)), rounded(value + twoErrors));
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
