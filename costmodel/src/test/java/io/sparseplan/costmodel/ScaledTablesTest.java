package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScaledTablesTest {
  private static final DeviceTable H100 = DeviceTable.resolve("h100-flex-attention");

  /** SMs, then TFLOP/s and GB/s of an SM of the H100 ÷ those of the GPU's. */
  @ParameterizedTest
  @CsvSource({
    "a100-flex-attention, NVIDIA A100-SXM4-80GB, 108, 2.5946, 1.3450",
    "l40s-flex-attention, NVIDIA L40S, 142, 2.9398, 4.1735",
    "rtx4090-flex-attention, NVIDIA GeForce RTX 4090, 128, 5.8077, 3.2246",
    "b200-flex-attention, NVIDIA B200, 148, 0.4930, 0.4698"
  })
  void timesGoWithTheRatesOfOneMultiprocessor(
      String name, String gpu, int multiprocessors, double tileRatio, double blockRatio) {
    DeviceTable table = DeviceTable.resolve(name);
    assertThat(table.gpu()).isEqualTo(gpu);
    assertThat(table.name()).isEqualTo(name);
    for (int i = 0; i < H100.shapes().size(); i++) {
      KernelConstants measured = H100.shapes().get(i).constants();
      KernelConstants scaled = table.shapes().get(i).constants();
      assertThat(scaled.occupancy().multiprocessors()).isEqualTo(multiprocessors);
      assertThat(scaled.occupancy().blocksEach()).isEqualTo(measured.occupancy().blocksEach());
      assertThat(scaled.tileMicros() / measured.tileMicros()).isCloseTo(tileRatio, within(1e-3));
      assertThat(scaled.blockMicros() / measured.blockMicros()).isCloseTo(blockRatio, within(1e-3));
      assertThat(scaled.launchMicros()).isEqualTo(measured.launchMicros());
    }
    assertThat(table.otherDense()).hasSameSizeAs(H100.otherDense());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a100-flex-attention",
        "l40s-flex-attention",
        "rtx4090-flex-attention",
        "b200-flex-attention"
      })
  void everyUseSaysThatTheGpuWasNotMeasured(String name) {
    DeviceTable table = DeviceTable.resolve(name);
    assertThat(DeviceTable.shippedNames()).contains(name);
    assertThat(table.source()).startsWith("Not measured");
    assertThat(pricer(table).warnings()).first().asString().startsWith("Not measured on this GPU");
    assertThat(pricer(table).identity().notMeasured()).isTrue();
    NotMeasured how = table.notMeasured().orElseThrow();
    assertThat(how.scaledFrom()).isEqualTo(H100.name());
    assertThat(how.scaledTo().gpu()).isEqualTo(table.gpu());
    assertThat(how.scaledTo().source()).startsWith("NVIDIA");
  }

  @Test
  void aMeasuredGpuSaysNothingOfTheKind() {
    assertThat(H100.notMeasured()).isEmpty();
    assertThat(pricer(H100).warnings()).noneMatch(warning -> warning.contains("Not measured"));
    assertThat(pricer(H100).identity().notMeasured()).isFalse();
  }

  @Test
  void aWrittenTableKeepsTheFlag(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("table.json");
    DeviceTable table = DeviceTable.resolve("b200-flex-attention");
    table.write(file);
    assertThat(DeviceTable.resolve(file.toString())).isEqualTo(table);
  }

  @Test
  void aFasterGpuIsFasterAndASlowerOneSlower() {
    double h100 = pricer(H100).denseLayer(0).getFirst().millis();
    assertThat(pricer(DeviceTable.resolve("b200-flex-attention")).denseLayer(0).getFirst().millis())
        .isBetween(0.3 * h100, 0.6 * h100);
    assertThat(pricer(DeviceTable.resolve("a100-flex-attention")).denseLayer(0).getFirst().millis())
        .isBetween(2.2 * h100, 3.6 * h100);
  }

  private static AttentionPricer pricer(DeviceTable table) {
    return new AttentionPricer(
        table,
        new AttentionShape(new QueryHeads(32), new KvHeads(8), new HeadDim(128)),
        new Layout(Visibility.CAUSAL, new TileSize(128), Layout.LengthMeans.PROMPT),
        Workload.prefill(1, List.of(Tokens.of(8192))),
        List.of(new Dense()));
  }
}
