package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.FitEvidence;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.plans.geometry.Visibility;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The measured launches of one kernel shape on one GPU, and how far constants are from them. */
record MeasuredLaunches(List<MeasuredLaunch> launches) {
  MeasuredLaunches {
    launches = List.copyOf(launches);
  }

  int count() {
    return launches.size();
  }

  /** How many there are with a causal mask, or without one if those are fewer. */
  long leastOfAVisibility() {
    return Arrays.stream(Visibility.values())
        .mapToLong(
            visibility ->
                launches.stream().filter(launch -> launch.row().visibility() == visibility).count())
        .min()
        .orElseThrow();
  }

  double[] measuredMicros() {
    return launches.stream().mapToDouble(MeasuredLaunch::measuredMicros).toArray();
  }

  RelativeError error(KernelConstants constants) {
    return RelativeError.of(
        launches.stream()
            .mapToDouble(
                launch -> Math.abs(launch.predictedMicros(constants) / launch.measuredMicros() - 1))
            .toArray());
  }

  /** The evidence of each visibility that was measured. */
  List<FitEvidence> evidence(KernelConstants constants) {
    return Arrays.stream(Visibility.values())
        .map(visibility -> evidence(visibility, constants))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<FitEvidence> evidence(Visibility visibility, KernelConstants constants) {
    List<MeasuredLaunch> shown =
        launches.stream().filter(launch -> launch.row().visibility() == visibility).toList();
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new FitEvidence(
            visibility,
            shown.size(),
            shown.stream().map(launch -> launch.row().keyLength()).distinct().sorted().toList(),
            shown.stream().map(launch -> launch.row().batch()).distinct().sorted().toList(),
            shown.stream()
                .map(launch -> launch.row().queryHeads().count())
                .distinct()
                .sorted()
                .toList(),
            new MeasuredLaunches(shown).error(constants)));
  }
}
