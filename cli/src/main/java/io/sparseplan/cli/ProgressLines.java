package io.sparseplan.cli;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.profiler.Progress;
import java.io.PrintWriter;

/**
 * Progress for programs that wrap this one: JSON lines, at most five a second, and one when a stage
 * ends.
 */
final class ProgressLines implements Progress {
  private static final long INTERVAL_NANOS = 200_000_000;

  private final String stage;
  private final PrintWriter out;
  private final long startedNanos = System.nanoTime();
  private long saidNanos = startedNanos - INTERVAL_NANOS;

  /**
   * One line.
   *
   * @param done share of the stage, 0..1
   * @param remainingMillis as if the rest took as long as what is done; −1 while nothing is
   */
  private record Line(String stage, double done, long elapsedMillis, long remainingMillis) {}

  ProgressLines(String stage, PrintWriter out) {
    this.stage = stage;
    this.out = out;
  }

  @Override
  public synchronized void at(double done, double all) {
    long now = System.nanoTime();
    if (now - saidNanos >= INTERVAL_NANOS) {
      saidNanos = now;
      say(done / all, now);
    }
  }

  synchronized void end() {
    say(1, System.nanoTime());
  }

  private void say(double share, long nowNanos) {
    long elapsed = (nowNanos - startedNanos) / 1_000_000;
    long remaining = share > 0 ? Math.round(elapsed * (1 - share) / share) : -1;
    out.println(JsonFile.mapper().writeValueAsString(new Line(stage, share, elapsed, remaining)));
    out.flush();
  }
}
