package io.sparseplan.cli;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Time and peak memory of a run, by stage: what {@code --metrics} writes. */
final class RunMetrics {
  private final long startedNanos = System.nanoTime();
  private final List<StageMetrics> stages = new ArrayList<>();
  private long peakHeapBytes;

  /**
   * The file.
   *
   * @param peakHeapBytes the largest of the stages'
   * @param peakResidentBytes of the process, where the system says so
   */
  private record Metrics(
      SchemaVersion schemaVersion,
      Tool tool,
      int exitCode,
      long millis,
      long peakHeapBytes,
      Optional<Long> peakResidentBytes,
      List<StageMetrics> stages) {}

  /** Runs a stage and measures it, even if it fails. */
  <T> T measure(String stage, Supplier<T> work) {
    heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
    long startedStageNanos = System.nanoTime();
    try {
      return work.get();
    } finally {
      long peak = heapPools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
      peakHeapBytes = Math.max(peakHeapBytes, peak);
      stages.add(new StageMetrics(stage, millisSince(startedStageNanos), peak));
    }
  }

  /** The stage that ended last. */
  StageMetrics last() {
    return stages.getLast();
  }

  void write(Path file, int exitCode) throws IOException {
    JsonFile.write(
        file,
        new Metrics(
            SchemaVersion.CURRENT,
            Tool.THIS,
            exitCode,
            millisSince(startedNanos),
            peakHeapBytes,
            peakResidentBytes(),
            List.copyOf(stages)));
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  private static List<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }

  /** Linux counts it; others have no file that says so. */
  private static Optional<Long> peakResidentBytes() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return Optional.empty();
    }
    try {
      return Files.readAllLines(status, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
