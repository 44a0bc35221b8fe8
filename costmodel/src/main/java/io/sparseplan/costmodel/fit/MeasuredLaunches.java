package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.FitEvidence;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.plans.geometry.Visibility;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The measured launches of one kernel shape, and how far constants are from them. */
record MeasuredLaunches(List<MeasuredLaunch> launches) {
  MeasuredLaunches {
    launches = List.copyOf(launches);
  }

  int count() {
    return launches.size();
  }

  double[] measuredMicros() {
    return launches.stream().mapToDouble(MeasuredLaunch::measuredMicros).toArray();
  }

  /**
   * The makespan of every launch with these constants, but for each of these speed-ups of lone
   * blocks.
   *
   * @param constants in units of a full tile
   * @return by speed-up, then by launch
   */
  double[][] makespanTiles(KernelConstants constants, double[] aloneSpeedups) {
    var makespans = new double[aloneSpeedups.length][launches.size()];
    for (int launch = 0; launch < launches.size(); launch++) {
      double[] ofLaunch = launches.get(launch).makespanTiles(constants, aloneSpeedups);
      for (int speedup = 0; speedup < aloneSpeedups.length; speedup++) {
        makespans[speedup][launch] = ofLaunch[speedup];
      }
    }
    return makespans;
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
