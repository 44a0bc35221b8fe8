package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuSupportTest {
  @Test
  void askingTwiceGivesAnAnswerTwice() {
    for (int i = 0; i < 2; i++) {
      switch (GpuSupport.probe()) {
        case GpuSupport.Absent absent -> {
          assertThat(absent.problem()).endsWith(".").doesNotContain("\n");
          assertThat(absent.remedy()).endsWith(".");
          assertThatThrownBy(GpuSupport::required)
              .isInstanceOf(BadInputException.class)
              .hasMessageContaining("\nMaybe ");
        }
        case GpuSupport.Present present ->
            assertThat(present.gpus())
                .isNotEmpty()
                .allSatisfy(
                    gpu -> {
                      assertThat(gpu.name()).isNotBlank();
                      assertThat(gpu.multiprocessors()).isPositive();
                      assertThat(gpu.memoryBytes()).isPositive();
                    });
      }
    }
  }

  @Test
  void versionsAreThoseOfCuda() {
    var gpu = new Gpu(0, "a GPU", new ComputeCapability(8, 0), 108, 1L << 36, 166_912);
    var old = new GpuSupport.Present(12_080, List.of(gpu));
    assertThat(old.cudaVersionText()).isEqualTo("12.8");
    assertThat(old.readsKernels()).isFalse();
    assertThat(new GpuSupport.Present(13_000, List.of(gpu)).readsKernels()).isTrue();
  }
}
