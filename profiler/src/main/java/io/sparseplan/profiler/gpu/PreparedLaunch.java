package io.sparseplan.profiler.gpu;

/** A launch whose arguments are settled. Holds as long as the buffers and the kernel are open. */
@FunctionalInterface
public interface PreparedLaunch {
  /** Queues the launch and returns at once. May be called any number of times. */
  void queue();
}
