package io.sparseplan.profiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

final class WorkersTest {
  @Test
  void everyUnitRunsOnce() {
    for (int count = 1; count <= 4; count++) {
      try (Workers workers = new Workers(count)) {
        var runs = new AtomicIntegerArray(1000);
        workers.forEach(1000, (unit, worker) -> runs.incrementAndGet(unit));
        for (int unit = 0; unit < 1000; unit++) {
          assertThat(runs.get(unit)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void aFailureStopsTheRestAndIsThrownWhenAllRest() {
    try (Workers workers = new Workers(3)) {
      var running = new AtomicInteger();
      var done = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  workers.forEach(
                      100_000,
                      (unit, worker) -> {
                        running.incrementAndGet();
                        try {
                          if (unit == 10) {
                            throw new IllegalArgumentException("unit ten");
                          }
                          Thread.sleep(1);
                          done.incrementAndGet();
                        } catch (InterruptedException e) {
                          throw new IllegalStateException(e);
                        } finally {
                          running.decrementAndGet();
                        }
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("unit ten");
      assertThat(running).hasValue(0);
      assertThat(done.get()).isLessThan(1000);
    }
  }

  @Test
  void anErrorIsThrownAsItIs() {
    try (Workers workers = new Workers(2)) {
      assertThatThrownBy(
              () ->
                  workers.forEach(
                      5,
                      (unit, worker) -> {
                        throw new OutOfMemoryError("so big");
                      }))
          .isInstanceOf(OutOfMemoryError.class);
    }
  }
}
