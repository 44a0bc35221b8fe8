package io.sparseplan.profiler;

import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A fixed set of threads that share out units of work. A unit's result must not depend on which
 * worker runs it, nor when: then results do not depend on the number of threads.
 */
public final class Workers implements AutoCloseable {
  /** One unit of work. */
  @FunctionalInterface
  public interface Unit {
    /**
     * @param unit from 0 to the number of units
     * @param worker from 0 to {@link #count}: picks the scratch memory
     */
    void run(int unit, int worker);
  }

  private final int count;
  private final ExecutorService threads;

  /**
   * @param count how many threads, at least one
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "The number of threads (%d) must be positive.".formatted(count));
    }
    this.count = count;
    this.threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().daemon().name("sparseplan-worker-", 0).factory());
  }

  /** As many workers as the machine has processors. */
  public static Workers ofAllProcessors() {
    return new Workers(Runtime.getRuntime().availableProcessors());
  }

  public int count() {
    return count;
  }

  /** Runs every unit once and returns when all workers rest; the first failure is thrown. */
  public void forEach(int units, Unit work) {
    var next = new AtomicInteger();
    var failure = new AtomicReference<Throwable>();
    var running = new ArrayList<Future<?>>();
    for (int w = 0; w < Math.min(count, units); w++) {
      int worker = w;
      running.add(
          threads.submit(
              () -> {
                try {
                  for (int unit = next.getAndIncrement();
                      unit < units;
                      unit = next.getAndIncrement()) {
                    work.run(unit, worker);
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                  next.set(units);
                }
              }));
    }
    try {
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A worker ended by itself.", e);
    } catch (InterruptedException e) {
      next.set(units);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while workers ran.", e);
    }
    switch (failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
