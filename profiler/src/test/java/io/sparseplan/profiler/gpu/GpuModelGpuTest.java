package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.ArchitectureFixture;
import io.sparseplan.profiler.Difference;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.evaluate.TokenScores;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.StoredModel;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The forward pass of tiny models of each architecture on the GPU, against the CPU's. */
@GpuTest
class GpuModelGpuTest {
  /**
   * These random weights are badly conditioned: rounding to bf16 at the same places in a float32
   * emulation of MISTRAL moves its states by 1.25e-2. A wrong window, rotation, norm or bias moves
   * them by more than a tenth.
   */
  private static final double STATES_BOUND = 1.6e-2;

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
  void hiddenStatesAreThoseOfTheCpu(ArchitectureFixture fixture) {
    TileGrid grid = grid(fixture.ids(), 64);
    AttentionTiles tiles = AttentionTiles.dense(grid);
    Activations want =
        fixture.load(workers).forward(fixture.ids(), tiles, new BitSet(), ForwardObserver.NONE);
    try (var model = new GpuModel(gpu, stored(fixture), workers)) {
      Activations got = model.forward(fixture.ids(), tiles, new BitSet());
      assertThat(Difference.relative(got.rows(), want.rows())).isLessThan(STATES_BOUND);
      assertThat(model.forward(fixture.ids(), tiles, new BitSet()).rows())
          .as("again")
          .isEqualTo(got.rows());
    }
  }

  @ParameterizedTest
  @EnumSource
  void logitsAreScoredAsOnTheCpu(ArchitectureFixture fixture) {
    LlamaModel onCpu = fixture.load(workers);
    int[] ids = fixture.ids();
    AttentionTiles tiles = AttentionTiles.dense(grid(ids, 64));
    Activations states = onCpu.forward(ids, tiles, new BitSet(), ForwardObserver.NONE);
    int[] others = ids.clone();
    others[0] = ids[0] == 0 ? 1 : 0;
    Activations changed = onCpu.forward(others, tiles, new BitSet(), ForwardObserver.NONE);
    TokenScores want = TokenScores.of(states, ids, onCpu.vocabulary(), workers);
    double[] wantKl = TokenScores.divergence(states, changed, onCpu.vocabulary(), workers);
    try (var vocabulary = new GpuVocabulary(gpu, stored(fixture), workers)) {
      GpuVocabulary.Scores got = vocabulary.scores(states, ids);
      double[] kl = vocabulary.divergence(states, changed);
      for (int t = 0; t < ids.length - 1; t++) {
        assertThat(got.loss()[t]).as("token %d", t).isCloseTo(want.loss()[t], within(0.05));
        assertThat(kl[t]).as("token %d", t).isCloseTo(wantKl[t], within(0.005 + 0.02 * wantKl[t]));
      }
      var differing = (BitSet) got.right().clone();
      differing.xor(want.right());
      assertThat(differing.cardinality()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void layersThatAreStreamedGiveTheSameNumbers() {
    ArchitectureFixture fixture = ArchitectureFixture.QWEN3;
    StoredModel stored = stored(fixture);
    AttentionTiles tiles = AttentionTiles.dense(grid(fixture.ids(), 128));
    try (var held = new GpuModel(gpu, stored, workers);
        var streamed =
            new GpuModel(gpu, stored, new GpuLayers.Streamed(gpu, stored, workers), workers)) {
      assertThat(streamed.forward(fixture.ids(), tiles, new BitSet()).rows())
          .isEqualTo(held.forward(fixture.ids(), tiles, new BitSet()).rows());
    }
  }

  @Test
  void layersGoWhereAPromptNeedsTheirMemory() {
    ArchitectureFixture fixture = ArchitectureFixture.QWEN3;
    TileGrid grid = grid(fixture.ids(), 128);
    try (var model = new GpuModel(gpu, stored(fixture), workers)) {
      float[] held = statesOfDensePass(model, fixture, grid);
      assertThat(model.holdsLayers()).isTrue();
      long left = 1L << 30;
      try (GpuBuffer others = gpu.allocate("others", gpu.freeBytes() - left)) {
        assertThat(others.bytes()).isPositive();
        assertThat(statesOfDensePass(model, fixture, grid)).isEqualTo(held);
        assertThat(model.holdsLayers()).isFalse();
      }
    }
  }

  private static float[] statesOfDensePass(
      GpuModel model, ArchitectureFixture fixture, TileGrid grid) {
    try (GpuDensePass pass = model.densePass(fixture.ids(), grid)) {
      return pass.states().rows();
    }
  }

  @Test
  void aPromptForWhichThereIsTooLittleMemorySaysHowMuchItNeeds() {
    ArchitectureFixture fixture = ArchitectureFixture.QWEN2;
    TileGrid grid = TileGrid.causal(Tokens.of(200_000_000), new TileSize(128));
    var shape = new PrefillShape(1, fixture.geometry().attention(), grid);
    long needed = (PromptBuffers.bytes(fixture.geometry(), shape) >> 20) + 1;
    assertThatThrownBy(() -> PromptBuffers.allocate(gpu, fixture.geometry(), shape))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("a prompt of 200000000 tokens needs %d MiB".formatted(needed))
        .hasMessageContaining("Maybe lower");
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefused() {
    ArchitectureFixture fixture = ArchitectureFixture.MISTRAL;
    int[] ids = {1, fixture.geometry().vocabularySize(), 2};
    try (var model = new GpuModel(gpu, stored(fixture), workers)) {
      assertThatThrownBy(
              () -> model.forward(ids, AttentionTiles.dense(grid(ids, 64)), new BitSet()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("not in the vocabulary");
    }
  }

  @Test
  void aTileThatNoKernelIsCompiledForIsRefused() {
    ArchitectureFixture fixture = ArchitectureFixture.QWEN2;
    try (var model = new GpuModel(gpu, stored(fixture), workers)) {
      assertThatThrownBy(
              () ->
                  model.forward(
                      fixture.ids(), AttentionTiles.dense(grid(fixture.ids(), 32)), new BitSet()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("TILE=32");
    }
  }

  private StoredModel stored(ArchitectureFixture fixture) {
    return StoredModel.open(fixture.geometry(), Checkpoint.open(fixture.directory()), workers);
  }

  private static TileGrid grid(int[] ids, int tile) {
    return TileGrid.causal(Tokens.of(ids.length), new TileSize(tile));
  }
}
