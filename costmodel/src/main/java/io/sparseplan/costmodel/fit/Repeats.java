package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.MeasuredRow;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * How far apart measurements of one and the same launch are: n of them lie √(1 − 1 ÷ n) as far from
 * their mean as from the time that a perfect model would give, so their distances are divided by
 * that.
 */
final class Repeats {
  private Repeats() {}

  /** Over all launches that were measured more than once; empty if none was. */
  static Optional<RelativeError> of(List<MeasuredRow> rows) {
    Map<Launch, List<MeasuredRow>> byLaunch =
        rows.stream().collect(Collectors.groupingBy(MeasuredRow::launch));
    double[] apart =
        byLaunch.values().stream()
            .filter(repeats -> repeats.size() > 1)
            .map(Repeats::apart)
            .flatMapToDouble(DoubleStream::of)
            .toArray();
    return apart.length == 0 ? Optional.empty() : Optional.of(RelativeError.of(apart));
  }

  private static double[] apart(Collection<MeasuredRow> repeats) {
    double mean = repeats.stream().mapToDouble(MeasuredRow::medianMillis).average().orElseThrow();
    double shrunk = Math.sqrt(1 - 1.0 / repeats.size());
    return repeats.stream()
        .mapToDouble(row -> Math.abs(row.medianMillis() / mean - 1) / shrunk)
        .toArray();
  }
}
