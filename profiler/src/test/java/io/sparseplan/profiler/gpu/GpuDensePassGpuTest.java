package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.ArchitectureFixture;
import io.sparseplan.profiler.Difference;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.ForwardTape;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.StoredModel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way back through tiny models of each architecture on the GPU, against the CPU's. */
@GpuTest
class GpuDensePassGpuTest {
  /**
   * These random weights are badly conditioned: the states themselves are off by up to 1.6e-2 (see
   * {@link GpuModelGpuTest}), and gradients pass through the same roundings again. A wrong window,
   * rotation, norm or transposition moves them by more than a half.
   */
  private static final double GRADIENT_BOUND = 6e-2;

  private final Workers workers = new Workers(2);
  private GpuSession gpu;

  @BeforeEach
  void open() {
    gpu = GpuSession.open(GpuSupport.required());
  }

  @AfterEach
  void close() {
    gpu.close();
    workers.close();
  }

  @ParameterizedTest
  @EnumSource
  void outputGradientsOfEveryLayerAreThoseOfTheCpu(ArchitectureFixture fixture) {
    int[] ids = fixture.ids();
    TileGrid grid = TileGrid.causal(Tokens.of(ids.length), new TileSize(64));
    List<float[]> want = onCpu(fixture, grid);
    List<float[]> got = onGpu(fixture, grid);
    assertThat(got).hasSameSizeAs(want);
    for (int nth = 0; nth < want.size(); nth++) {
      assertThat(Difference.relative(got.get(nth), want.get(nth)))
          .as("layer %d from the end", nth)
          .isLessThan(GRADIENT_BOUND);
    }
  }

  @Test
  void twoRunsGiveTheSameBits() {
    ArchitectureFixture fixture = ArchitectureFixture.QWEN3;
    TileGrid grid = TileGrid.causal(Tokens.of(fixture.ids().length), new TileSize(128));
    List<float[]> first = onGpu(fixture, grid);
    List<float[]> again = onGpu(fixture, grid);
    for (int nth = 0; nth < first.size(); nth++) {
      assertThat(again.get(nth)).isEqualTo(first.get(nth));
    }
  }

  @Test
  void whatDoesNotFitLiesInTheHostsMemoryAndComesBackTheSame() {
    ArchitectureFixture fixture = ArchitectureFixture.QWEN3;
    TileGrid grid = TileGrid.causal(Tokens.of(fixture.ids().length), new TileSize(128));
    List<float[]> fitting = onGpu(fixture, grid);
    long left = 1L << 30;
    long stream = 1 << 20;
    try (GpuBuffer others = gpu.allocate("others", gpu.freeBytes() - left);
        LayerInputs inputs = LayerInputs.allocate(gpu, 3, stream, gpu.freeBytes() - 2 * stream)) {
      assertThat(others.bytes()).isPositive();
      assertThat(inputs.onHost()).isEqualTo(1);
      List<float[]> spilled = onGpu(fixture, grid);
      for (int nth = 0; nth < fitting.size(); nth++) {
        assertThat(spilled.get(nth)).isEqualTo(fitting.get(nth));
      }
    }
  }

  /** The last layer first. */
  private List<float[]> onCpu(ArchitectureFixture fixture, TileGrid grid) {
    LlamaModel model = fixture.load(workers);
    AttentionTiles tiles = AttentionTiles.dense(grid);
    var tape = new ForwardTape();
    model.forward(fixture.ids(), tiles, new BitSet(), tape);
    var gradients = new ArrayList<float[]>();
    model.backward(
        tape,
        tiles,
        stateGradient(fixture),
        (attention, outputGradient, blocks) -> gradients.add(outputGradient.rows()));
    return gradients;
  }

  private List<float[]> onGpu(ArchitectureFixture fixture, TileGrid grid) {
    var stored =
        StoredModel.open(fixture.geometry(), Checkpoint.open(fixture.directory()), workers);
    var gradients = new ArrayList<float[]>();
    try (var model = new GpuModel(gpu, stored, workers);
        GpuDensePass pass = model.densePass(fixture.ids(), grid)) {
      pass.backward(stateGradient(fixture), layer -> gradients.add(layer.outputGradient().rows()));
    }
    return gradients;
  }

  private static Activations stateGradient(ArchitectureFixture fixture) {
    var random = new SplittableRandom(7);
    var gradient =
        new Activations(new TokenRows(fixture.ids().length), fixture.geometry().hiddenSize());
    for (int token = 0; token < gradient.tokens(); token++) {
      for (int i = 0; i < gradient.width(); i++) {
        gradient.data()[gradient.at(token) + i] = (float) random.nextGaussian() * 1e-3f;
      }
    }
    return gradient;
  }
}
