package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchTensorsTest {
  private static final AttentionShape LLAMA_3_8B =
      new AttentionShape(new QueryHeads(32), new KvHeads(8), new HeadDim(128));
  private static final KernelConstants CONSTANTS =
      new KernelConstants(Occupancy.single(132), 1, 0, 0.03, 0.012, 4, 0, 2.4, 0.5, 0.3, 0.04);

  @Test
  void queriesKeysValuesAndOutputsAreCountedInTwoBytesEach() {
    var tensors = LaunchTensors.of(LLAMA_3_8B, Tokens.of(2048), 3);
    assertThat(tensors.megabytes()).isEqualTo(2.0 * (32 + 32 + 8 + 8) * 3 * 2048 * 128 / 1e6);
    assertThat(tensors.firstReaders()).isEqualTo(0.25);
  }

  @Test
  void aLaunchOfSomeHeadsReadsTheKeysOfThoseAlone() {
    assertThat(LaunchTensors.of(LLAMA_3_8B, List.of(0, 5, 6, 31), Tokens.of(1000), 2))
        .isEqualTo(
            new LaunchTensors(
                new QueryHeads(4), new KvHeads(3), new HeadDim(128), Tokens.of(1000), 2));
  }

  @ParameterizedTest
  @CsvSource({"2048, 50, 0.5166", "2048, 63, 0", "2048, 41.9, 1", "2048, 0, 1", "128, 50, 0"})
  void aCacheMissesNothingUpToTwoThirdsOfItsSizeAndAllFromItsSizeOn(
      int length, double cacheMegabytes, double missed) {
    var tensors = LaunchTensors.of(LLAMA_3_8B, Tokens.of(length), 1);
    assertThat(tensors.missedShare(cacheMegabytes)).isCloseTo(missed, within(1e-4));
  }

  @Test
  void whatTheCacheHoldsLoadsFasterAndSoDoKeysThatAHeadBeforeRead() {
    var held = LaunchTensors.of(LLAMA_3_8B, Tokens.of(1024), 1);
    assertThat(CONSTANTS.reading(held, 50).loadMicros()).isEqualTo(0.012);
    var grouped = LaunchTensors.of(LLAMA_3_8B, Tokens.of(32768), 1);
    assertThat(CONSTANTS.reading(grouped, 50).loadMicros())
        .isCloseTo(0.03 / 3 + 2 * (0.03 / 4 + 0.012 * 3 / 4) / 3, within(1e-12));
    var ungrouped =
        new LaunchTensors(new QueryHeads(8), new KvHeads(8), new HeadDim(128), Tokens.of(32768), 1);
    assertThat(CONSTANTS.reading(ungrouped, 50).loadMicros()).isEqualTo(0.03);
  }

  @Test
  void onlyTheLoadDependsOnTheTensors() {
    var tensors = LaunchTensors.of(LLAMA_3_8B, Tokens.of(1024), 1);
    assertThat(CONSTANTS.reading(tensors, 50))
        .isEqualTo(
            new KernelConstants(
                Occupancy.single(132), 1, 0, 0.012, 0.012, 4, 0, 2.4, 0.5, 0.3, 0.04));
  }

  @Test
  void aCacheThatIsSlowerThanTheMemoryIsRefused() {
    assertThatThrownBy(
            () ->
                new KernelConstants(
                    Occupancy.single(132), 1, 0, 0.01, 0.02, 4, 0, 2.4, 0.5, 0.3, 0.04))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cachedLoadMicros (0.02)")
        .hasMessageContaining("loadMicros (0.01)");
  }
}
