package io.sparseplan.profiler.gpu;

import java.util.Map;
import jcuda.Pointer;

/**
 * Tells how fast the multiprocessors run at some points between launches. Each probe keeps the GPU
 * busy for a while, in which the host can queue what comes after it.
 */
public final class ClockProbe implements AutoCloseable {
  /** Probes that can be queued before they are read. */
  static final int SLOTS = 256;

  private static final long SHORTEST_NANOS = 20_000;
  private static final int LONGS_OF_A_SLOT = 2;

  private final KernelModule module;
  private final Kernel kernel;
  private final GpuBuffer cyclesAndNanos;

  private ClockProbe(KernelModule module, GpuBuffer cyclesAndNanos) {
    this.module = module;
    this.kernel = module.kernel("clock_probe", 0);
    this.cyclesAndNanos = cyclesAndNanos;
  }

  public static ClockProbe load(GpuSession gpu) {
    KernelImage image = gpu.image(new KernelChoice("clock_probe.cu", Map.of()));
    return new ClockProbe(
        gpu.load(image), gpu.allocate("the clocks", (long) SLOTS * LONGS_OF_A_SLOT * Long.BYTES));
  }

  /**
   * Queues a probe that lasts at least 20 µs.
   *
   * @param slot from 0 to {@link #SLOTS}: where its reading goes
   */
  void queue(int slot, long nanos) {
    long offset = (long) slot * LONGS_OF_A_SLOT * Long.BYTES;
    kernel
        .prepared(
            new Kernel.Grid(1, 1, 1),
            1,
            Pointer.to(cyclesAndNanos.address().withByteOffset(offset)),
            Pointer.to(new long[] {Math.max(nanos, SHORTEST_NANOS)}))
        .queue();
  }

  /** The clock in MHz at the first slots. Waits for earlier launches. */
  double[] megahertz(int slots) {
    long[] read = new long[slots * LONGS_OF_A_SLOT];
    cyclesAndNanos.download(read);
    double[] megahertz = new double[slots];
    for (int slot = 0; slot < slots; slot++) {
      megahertz[slot] = 1000.0 * read[slot * LONGS_OF_A_SLOT] / read[slot * LONGS_OF_A_SLOT + 1];
    }
    return megahertz;
  }

  @Override
  public void close() {
    module.close();
    cyclesAndNanos.close();
  }
}
