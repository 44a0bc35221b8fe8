package io.sparseplan.cli;

import io.sparseplan.profiler.Progress;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a stage is, on stderr: a bar with the time left where somebody looks, or JSON lines. */
final class ProgressDisplay {
  /** Set by the launcher, which alone can tell whether stderr is a terminal. */
  private static final String TERMINAL_PROPERTY = "sparseplan.stderr.terminal";

  private static final int STEPS = 1000;

  private final Form form;
  private final LogLevel level;
  private final RunMetrics metrics;
  private final PrintWriter err;

  /** What progress looks like. */
  enum Form {
    /** A bar on a terminal, else nothing. */
    AUTO,
    BAR,
    JSON,
    NONE
  }

  ProgressDisplay(Form form, LogLevel level, RunMetrics metrics, PrintWriter err) {
    this.form = form;
    this.level = level;
    this.metrics = metrics;
    this.err = err;
  }

  /** Something that takes a while and says how far it is. */
  @FunctionalInterface
  interface Job<T> {
    T run(Progress progress);
  }

  /** Runs a stage, and measures it. */
  <T> T during(String name, Job<T> job) {
    T result = metrics.measure(name, () -> shown(name, job));
    if (level.says(LogLevel.INFO)) {
      StageMetrics stage = metrics.last();
      err.printf(
          "sparseplan: %s took %d ms and at most %d MiB of heap%n",
          stage.stage(), stage.millis(), stage.peakHeapBytes() >> 20);
      err.flush();
    }
    return result;
  }

  private <T> T shown(String name, Job<T> job) {
    return switch (form) {
      case AUTO ->
          Boolean.getBoolean(TERMINAL_PROPERTY) ? underBar(name, job) : job.run(Progress.NONE);
      case BAR -> underBar(name, job);
      case JSON -> {
        var lines = new ProgressLines(name, err);
        T result = job.run(lines);
        lines.end();
        yield result;
      }
      case NONE -> job.run(Progress.NONE);
    };
  }

  private static <T> T underBar(String name, Job<T> job) {
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
