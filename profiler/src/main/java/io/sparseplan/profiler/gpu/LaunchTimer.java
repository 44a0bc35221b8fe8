package io.sparseplan.profiler.gpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Times one launch by CUDA events. A sample is a number of equal launches between two events,
 * divided by that number. A {@link ClockProbe} before it keeps the GPU busy until all of them are
 * queued, so that the host's time is not measured; and it tells the clock, which on a GPU at its
 * power limit differs from one sample to the next by more than the constants that are sought.
 */
public final class LaunchTimer {
  private static final double SAMPLE_MILLIS = 1;
  private static final double ROUND_MILLIS = 25;
  private static final int MOST_LAUNCHES_OF_A_SAMPLE = 20;
  private static final int FEWEST_SAMPLES = 5;
  private static final int MOST_SAMPLES = 30;
  private static final int WARM_UPS = 3;

  /** Of the time in which the host queued launches before. */
  private static final double QUEUE_MARGIN = 2;

  private final PreparedLaunch launch;
  private final ClockProbe clock;
  private final int launchesOfASample;
  private final int samplesOfARound;
  private final long queueNanosOfALaunch;

  /**
   * @param millis of one launch
   * @param megahertz the clock before and after it, their mean
   */
  public record Sample(double millis, double megahertz) {
    /** What the launch would take at another clock, if it waits for the multiprocessors alone. */
    public double millisAt(double otherMegahertz) {
      return millis * megahertz / otherMegahertz;
    }
  }

  /** Runs the launch a few times, to warm up and to see how long it takes. */
  public LaunchTimer(PreparedLaunch launch, ClockProbe clock) {
    this.launch = launch;
    this.clock = clock;
    long started = System.nanoTime();
    for (int i = 0; i < WARM_UPS; i++) {
      launch.queue();
    }
    this.queueNanosOfALaunch = Math.round(QUEUE_MARGIN * (System.nanoTime() - started) / WARM_UPS);
    double millis = samples(1, 1).getFirst().millis();
    this.launchesOfASample =
        (int) Math.clamp(Math.ceil(SAMPLE_MILLIS / millis), 1, MOST_LAUNCHES_OF_A_SAMPLE);
    this.samplesOfARound =
        (int) Math.clamp(ROUND_MILLIS / (millis * launchesOfASample), FEWEST_SAMPLES, MOST_SAMPLES);
  }

  /** One round of samples. Waits for all of them. */
  public List<Sample> round() {
    return samples(samplesOfARound, launchesOfASample);
  }

  private List<Sample> samples(int samples, int launches) {
    var starts = new ArrayList<GpuEvent>();
    var ends = new ArrayList<GpuEvent>();
    try {
      for (int sample = 0; sample < samples; sample++) {
        starts.add(new GpuEvent());
        ends.add(new GpuEvent());
      }
      for (int sample = 0; sample < samples; sample++) {
        clock.queue(sample, queueNanosOfALaunch * launches);
        starts.get(sample).record();
        for (int i = 0; i < launches; i++) {
          launch.queue();
        }
        ends.get(sample).record();
      }
      clock.queue(samples, 0);
      double[] megahertz = clock.megahertz(samples + 1);
      var read = new ArrayList<Sample>();
      for (int sample = 0; sample < samples; sample++) {
        read.add(
            new Sample(
                ends.get(sample).millisSince(starts.get(sample)) / launches,
                (megahertz[sample] + megahertz[sample + 1]) / 2));
      }
      return List.copyOf(read);
    } finally {
      starts.forEach(GpuEvent::close);
      ends.forEach(GpuEvent::close);
    }
  }
}
