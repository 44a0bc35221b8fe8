package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Memory of the host that keeps what is on a GPU. */
@GpuTest
class HostBufferGpuTest {
  @Test
  void whatIsKeptInSeveralPiecesComesBackTheSame() {
    int shorts = (1 << 30) + 77;
    var random = new SplittableRandom(5);
    short[] values = Bf16.normal(1 << 20, random);
    long bytes = (long) Short.BYTES * shorts;
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        GpuBuffer source = gpu.allocate("a source", bytes);
        GpuBuffer target = gpu.allocate("a target", bytes);
        HostBuffer host = HostBuffer.allocate("a test", bytes)) {
      source.uploadRepeated(values);
      target.poison();
      host.copyOf(source);
      host.copyTo(target);
      short[] found = new short[shorts];
      target.download(found);
      for (int i = 0; i < shorts; i++) {
        short want = values[i % values.length];
        if (found[i] != want) {
          assertThat(found[i]).as("place %d", i).isEqualTo(want);
        }
      }
    }
  }

  @Test
  void aBufferOfAnotherSizeIsRefused() {
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        GpuBuffer other = gpu.allocate("another", 64);
        HostBuffer host = HostBuffer.allocate("a test", 128)) {
      assertThatThrownBy(() -> host.copyOf(other)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> host.copyTo(other)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
