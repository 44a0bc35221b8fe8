package io.sparseplan.profiler.gpu;

import java.util.Map;

/** Tells how fast the multiprocessors run right after the launches that were queued before. */
public final class ClockProbe implements AutoCloseable {
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
    return new ClockProbe(gpu.load(image), gpu.allocate("the clock", 2 * Long.BYTES));
  }

  /** The clock of the multiprocessors in MHz. Waits for earlier launches. */
  public int megahertz() {
    kernel.launch(new Kernel.Grid(1, 1, 1), 1, cyclesAndNanos.argument());
    long[] read = new long[2];
    cyclesAndNanos.download(read);
    return Math.toIntExact(Math.round(1000.0 * read[0] / read[1]));
  }

  @Override
  public void close() {
    module.close();
    cyclesAndNanos.close();
  }
}
