package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.measured.Launch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The measured launches of one kernel shape on a GPU, beside those of the same shape on other GPUs.
 *
 * <p>Makespans in tiles depend on the work alone, so a launch that was measured more than once, or
 * on several GPUs, is simulated once. What a tile takes is fitted to each GPU by itself: their
 * clocks differ.
 */
final class GpuLaunches {
  private final List<MeasuredLaunch> distinct = new ArrayList<>();

  /** This GPU's first. */
  private final List<OfGpu> gpus;

  /**
   * @param distinct by launch, its place among the distinct ones
   */
  private record OfGpu(int[] distinct, double[] measuredMicros) {
    LaunchAndTile fit(double[] makespanOfDistinct, OptionalDouble launchMicros) {
      double[] makespans = IntStream.of(distinct).mapToDouble(i -> makespanOfDistinct[i]).toArray();
      return LaunchAndTile.fit(makespans, measuredMicros, launchMicros);
    }

    double summedError(LaunchAndTile times) {
      return times.meanError() * measuredMicros.length;
    }
  }

  /**
   * The best launch and tile time for given schedules.
   *
   * @param times on this GPU
   * @param error mean |predicted − measured| ÷ measured on all GPUs, each with its own tile time
   */
  record Fitted(LaunchAndTile times, double error) {}

  GpuLaunches(MeasuredLaunches here, List<MeasuredLaunches> elsewhere) {
    Map<Launch, Integer> places = new HashMap<>();
    this.gpus =
        Stream.concat(Stream.of(here), elsewhere.stream())
            .map(
                launches ->
                    new OfGpu(
                        launches.launches().stream()
                            .mapToInt(
                                launch ->
                                    places.computeIfAbsent(
                                        launch.row().launch(), _ -> placeOf(launch)))
                            .toArray(),
                        launches.measuredMicros()))
            .toList();
  }

  private int placeOf(MeasuredLaunch launch) {
    distinct.add(launch);
    return distinct.size() - 1;
  }

  /**
   * The best times with these constants, but for each of these speed-ups of lone blocks.
   *
   * @param constants in units of a full tile
   * @param launchMicros of every GPU, where it is known
   * @return by speed-up
   */
  List<Fitted> fit(KernelConstants constants, double[] aloneSpeedups, OptionalDouble launchMicros) {
    double[][] bySpeedup = new double[aloneSpeedups.length][distinct.size()];
    for (int launch = 0; launch < distinct.size(); launch++) {
      double[] makespans = distinct.get(launch).makespanTiles(constants, aloneSpeedups);
      for (int speedup = 0; speedup < aloneSpeedups.length; speedup++) {
        bySpeedup[speedup][launch] = makespans[speedup];
      }
    }
    return Stream.of(bySpeedup).map(makespans -> fit(makespans, launchMicros)).toList();
  }

  private Fitted fit(double[] makespans, OptionalDouble launchMicros) {
    OfGpu here = gpus.getFirst();
    LaunchAndTile times = here.fit(makespans, launchMicros);
    double summed = here.summedError(times);
    int rows = here.measuredMicros.length;
    for (OfGpu elsewhere : gpus.subList(1, gpus.size())) {
      summed +=
          elsewhere.summedError(elsewhere.fit(makespans, OptionalDouble.of(times.launchMicros())));
      rows += elsewhere.measuredMicros.length;
    }
    return new Fitted(times, summed / rows);
  }
}
