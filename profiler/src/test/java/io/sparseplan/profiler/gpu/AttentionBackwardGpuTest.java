package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.attention.AttentionBlocks;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention's way back, against the same in float64. */
@GpuTest
class AttentionBackwardGpuTest {
  /**
   * Weights and ∂L/∂S are rounded to bf16 before the second product, inputs are given in bf16. So
   * sums over weights carry float32's errors alone.
   */
  private static final double SUMS_BOUND = 1e-4;

  private final long seed = System.nanoTime();

  @ParameterizedTest(name = "{0}/{1} heads of {2}, tile {3}, {4} tokens, reach {5}")
  @CsvSource({
    "1, 1,  64,  64,    2, 9999",
    "2, 1,  64,  64,   65, 9999",
    "4, 2,  64, 128,  777, 9999",
    "4, 1, 128,  64,  129, 9999",
    "6, 2, 128, 128,  900, 9999",
    "2, 2,  64,  64,  500,  100",
    "4, 2, 128, 128,  700,  333"
  })
  void gradientsAndSumsAreThoseOfTheDefinition(
      int queryHeads, int kvHeads, int headDim, int tile, int tokens, int reach) {
    RandomCausalLayer layer =
        RandomCausalLayer.of(queryHeads, kvHeads, headDim, tile, tokens, reach, seed);
    PrefillShape shape = layer.shape();
    AttentionShape attention = shape.attention();
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        PrefillBuffers buffers = PrefillBuffers.allocate(gpu, List.of(shape));
        AttentionGradients gradients = AttentionGradients.allocate(gpu, shape);
        GpuAttentionBackward backward =
            GpuAttentionBackward.load(gpu, attention.headDim(), shape.grid().tile())) {
      layer.upload(buffers);
      gradients.output().upload(layer.gradients());
      gradients.rowDot().upload(layer.ofRows(ReferenceBackward.Found::rowDot));
      List.of(
              gradients.queries(),
              gradients.keys(),
              gradients.values(),
              gradients.mass(),
              gradients.influence(),
              gradients.entropyBits(),
              gradients.heavyTile(),
              gradients.heavyInfluence())
          .forEach(GpuBuffer::poison);
      backward.queue(shape, buffers, 1, gradients);
      float[] ofQueries = downloaded(gradients.queries(), shape.queryElements());
      float[] ofKeys = downloaded(gradients.keys(), shape.keyElements());
      float[] ofValues = downloaded(gradients.values(), shape.keyElements());
      List<AttentionBlocks> blocks = gradients.blocks();
      double[] wantKeys = new double[ofKeys.length];
      double[] wantValues = new double[ofKeys.length];
      double[] wantQueries = new double[ofQueries.length];
      for (int head = 0; head < queryHeads; head++) {
        ReferenceBackward.Found want = layer.reference().get(head);
        int kvHead = head / attention.groupSize();
        for (int i = 0; i < tokens * headDim; i++) {
          wantQueries[head * tokens * headDim + i] = want.queryGradients()[i];
          wantKeys[kvHead * tokens * headDim + i] += want.keyGradients()[i];
          wantValues[kvHead * tokens * headDim + i] += want.valueGradients()[i];
        }
        assertBlocks(shape.grid(), head, want, blocks.get(head));
      }
      assertThat(relative(ofQueries, wantQueries)).as("queries").isLessThan(bound());
      assertThat(relative(ofKeys, wantKeys)).as("keys").isLessThan(bound());
      assertThat(relative(ofValues, wantValues)).as("values").isLessThan(bound());
      backward.queue(shape, buffers, 1, gradients);
      assertThat(downloaded(gradients.queries(), shape.queryElements())).isEqualTo(ofQueries);
      assertThat(downloaded(gradients.keys(), shape.keyElements())).isEqualTo(ofKeys);
      assertThat(downloaded(gradients.values(), shape.keyElements())).isEqualTo(ofValues);
    }
  }

  private static double bound() {
    return SquaredErrors.BF16_BOUND;
  }

  private void assertBlocks(
      TileGrid grid, int head, ReferenceBackward.Found want, AttentionBlocks got) {
    assertThat(got.entropyBits())
        .as("entropy of head %d, seed %d", head, seed)
        .isCloseTo(want.entropyBits(), within(SUMS_BOUND * (1 + want.entropyBits())));
    double most = Arrays.stream(want.influence()).flatMapToDouble(Arrays::stream).max().orElse(0);
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
        assertThat(got.mass()[queryTile][keyTile])
            .as("mass of %d, %d of head %d, seed %d", queryTile, keyTile, head, seed)
            .isCloseTo(
                want.mass()[queryTile][keyTile],
                within(SUMS_BOUND * (1e-2 + want.mass()[queryTile][keyTile])));
        assertThat(got.influence()[queryTile][keyTile])
            .as("influence of %d, %d of head %d, seed %d", queryTile, keyTile, head, seed)
            .isCloseTo(want.influence()[queryTile][keyTile], within(10 * SUMS_BOUND * most));
      }
    }
  }

  private static float[] downloaded(GpuBuffer buffer, long count) {
    var values = new float[Math.toIntExact(count)];
    buffer.download(values);
    return values;
  }

  private static double relative(float[] got, double[] want) {
    double error =
        IntStream.range(0, got.length).mapToDouble(i -> got[i] - want[i]).map(x -> x * x).sum();
    double norm = Arrays.stream(want).map(x -> x * x).sum();
    return Math.sqrt(error / norm);
  }
}
