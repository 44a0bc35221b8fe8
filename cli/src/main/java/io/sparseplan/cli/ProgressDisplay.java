package io.sparseplan.cli;

import io.sparseplan.profiler.Progress;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar with the time left, on stderr, and only where somebody looks at it. */
final class ProgressDisplay {
  /** Set by the launcher, which alone can tell whether stderr is a terminal. */
  private static final String TERMINAL_PROPERTY = "sparseplan.stderr.terminal";

  private static final int STEPS = 1000;

  private final boolean shown;

  private ProgressDisplay(boolean shown) {
    this.shown = shown;
  }

  static ProgressDisplay onTerminal(boolean wanted) {
    return new ProgressDisplay(wanted && Boolean.getBoolean(TERMINAL_PROPERTY));
  }

  /** Something that takes a while and says how far it is. */
  @FunctionalInterface
  interface Job<T> {
    T run(Progress progress);
  }

  /** Runs a job under a bar. */
  <T> T during(String name, Job<T> job) {
    if (!shown) {
      return job.run(Progress.NONE);
    }
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("%-10s".formatted(name))
            .setInitialMax(STEPS)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .build()) {
      return job.run((done, all) -> bar.stepTo(Math.round(STEPS * done / all)));
    }
  }
}
