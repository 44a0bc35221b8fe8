package io.sparseplan.costmodel;

import java.util.List;

/**
 * What the time of one attention layer is made of; the five parts sum to {@link #micros}.
 *
 * @param permutationMicros laying tokens out anew
 * @param choosingMicros choosing tiles at run time, with the launches for it
 * @param launches of attention kernels, one after another
 */
public record LayerTime(
    double permutationMicros, double choosingMicros, List<HeadLaunch> launches) {
  public LayerTime {
    launches = List.copyOf(launches);
  }

  /** Launching the attention kernels. */
  public double launchMicros() {
    return launches.stream().mapToDouble(launch -> launch.constants().launchMicros()).sum();
  }

  /** The blocks of the launches, with every slot busy. */
  public double workMicros() {
    return launches.stream().mapToDouble(HeadLaunch::workMicros).sum();
  }

  /** Slots that stand idle, at the start and at the end, or wait for memory. */
  public double idleMicros() {
    double micros = 0;
    for (HeadLaunch launch : launches) {
      micros += launch.micros() - launch.constants().launchMicros() - launch.workMicros();
    }
    return micros;
  }

  /** The layer, from its first launch to the end of its last. */
  public double micros() {
    double micros = permutationMicros + choosingMicros;
    for (HeadLaunch launch : launches) {
      micros += launch.micros();
    }
    return micros;
  }
}
