package io.sparseplan.cli;

import com.sun.management.ThreadMXBean;
import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What every reading of bytes from elsewhere must keep to: it ends with a result or with a refusal
 * that says a remedy; it takes no more time and memory than the bytes justify.
 */
final class Scrutiny {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Of the processor, for inputs of some kilobytes: the slowest sound ones take milliseconds. */
  private static final Duration MOST_TIME = Duration.ofSeconds(1);

  /** What a reader may take whatever the input: buffers, messages, what is read beside it. */
  private static final long FREE_BYTES = 16L << 20;

  /** Garbage included: a JSON tree takes some hundred bytes for each of its text. */
  private static final long BYTES_PER_BYTE = 2_000;

  private Scrutiny() {}

  /** What one reading took of its thread. */
  private record Taken(Duration time, long bytes) {
    boolean isMoreThan(long bytesRead) {
      return time.compareTo(MOST_TIME) > 0 || bytes > FREE_BYTES + BYTES_PER_BYTE * bytesRead;
    }
  }

  /**
   * @throws RuntimeException or Error as the reader threw it, if it was no refusal
   * @throws AssertionError if the reader broke one of the rules above
   */
  static void read(Intake intake, byte[] bytes, Path directory) throws IOException {
    Taken taken = taken(intake, bytes, directory);
    if (taken.isMoreThan(bytes.length)) {
      // The first reading may have loaded, and under Jazzer rewritten, the classes that it needs.
      taken = taken(intake, bytes, directory);
    }
    if (taken.isMoreThan(bytes.length)) {
      throw new AssertionError(
          "%d bytes for %s took %s and %d bytes of memory."
              .formatted(bytes.length, intake.name(), taken.time(), taken.bytes()));
    }
  }

  private static Taken taken(Intake intake, byte[] bytes, Path directory) throws IOException {
    long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
    long nanosBefore = THREADS.getCurrentThreadCpuTime();
    try {
      intake.read(bytes, directory);
    } catch (BadInputException e) {
      if (!e.getMessage().contains("\nMaybe ")) {
        throw new AssertionError("The refusal says no remedy.", e);
      }
    }
    return new Taken(
        Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - nanosBefore),
        THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore);
  }
}
