package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
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

  private record Launch(
      int batch,
      QueryHeads queryHeads,
      KvHeads kvHeads,
      HeadDim headDim,
      Tokens queryLength,
      Tokens keyLength,
      TileSize tile,
      boolean causal,
      List<MeasuredHead> heads) {
    static Launch of(MeasuredRow row) {
      return new Launch(
          row.batch(),
          row.queryHeads(),
          row.kvHeads(),
          row.headDim(),
          row.queryLength(),
          row.keyLength(),
          row.tile(),
          row.causal(),
          row.heads());
    }
  }

  /** Over all launches that were measured more than once; empty if none was. */
  static Optional<RelativeError> of(List<MeasuredRow> rows) {
    Map<Launch, List<MeasuredRow>> byLaunch =
        rows.stream().collect(Collectors.groupingBy(Launch::of));
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
