package io.sparseplan.profiler.gpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Times one launch by CUDA events. A sample is a number of equal launches between two events,
 * divided by that number; a launch before the first event keeps the GPU busy until the others are
 * queued, so that the host's time is not measured.
 */
public final class LaunchTimer {
  private static final double SAMPLE_MILLIS = 1;
  private static final double ROUND_MILLIS = 25;
  private static final int MOST_LAUNCHES_OF_A_SAMPLE = 20;
  private static final int FEWEST_SAMPLES = 5;
  private static final int MOST_SAMPLES = 30;
  private static final int WARM_UPS = 3;

  private final Runnable launch;
  private final int launchesOfASample;
  private final int samplesOfARound;

  /**
   * Runs the launch a few times, to warm up and to see how long it takes.
   *
   * @param launch queues it and returns at once; every call does the same work
   */
  public LaunchTimer(Runnable launch) {
    this.launch = launch;
    for (int i = 0; i < WARM_UPS; i++) {
      launch.run();
    }
    double millis = samples(1, 1).getFirst();
    this.launchesOfASample =
        (int) Math.clamp(Math.ceil(SAMPLE_MILLIS / millis), 1, MOST_LAUNCHES_OF_A_SAMPLE);
    this.samplesOfARound =
        (int) Math.clamp(ROUND_MILLIS / (millis * launchesOfASample), FEWEST_SAMPLES, MOST_SAMPLES);
  }

  /** Milliseconds of one launch, by sample. Waits for all of them. */
  public List<Double> round() {
    return samples(samplesOfARound, launchesOfASample);
  }

  private List<Double> samples(int samples, int launches) {
    var events = new ArrayList<GpuEvent>();
    try {
      for (int i = 0; i <= samples; i++) {
        events.add(new GpuEvent());
      }
      launch.run();
      events.getFirst().record();
      for (int sample = 1; sample <= samples; sample++) {
        for (int i = 0; i < launches; i++) {
          launch.run();
        }
        events.get(sample).record();
      }
      events.getLast().await();
      var millis = new ArrayList<Double>();
      for (int sample = 1; sample <= samples; sample++) {
        millis.add(events.get(sample).millisSince(events.get(sample - 1)) / launches);
      }
      return List.copyOf(millis);
    } finally {
      events.forEach(GpuEvent::close);
    }
  }
}
