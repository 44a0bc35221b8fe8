package io.sparseplan.profiler.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KernelTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "16, 33", "200, 17", "3, 96", "517, 40"})
  void transposedWeightsAreThoseOfTheTransposedMatrix(int inputs, int outputs) {
    float[] weights = randoms(new Random(inputs), outputs * inputs);
    float[] turned = new float[weights.length];
    for (int out = 0; out < outputs; out++) {
      for (int in = 0; in < inputs; in++) {
        turned[in * outputs + out] = weights[out * inputs + in];
      }
    }
    try (Workers workers = new Workers(2)) {
      PackedWeights expected = packed(turned, outputs);
      var stored = new FloatRows(weights, inputs);
      assertThat(PackedWeights.of(stored, workers).transposed(workers))
          .usingRecursiveComparison()
          .isEqualTo(expected);
      assertThat(PackedWeights.transposed(stored, workers))
          .usingRecursiveComparison()
          .isEqualTo(expected);
    }
  }

  /** Weights in an array, {@code [output][input]}. */
  private record FloatRows(float[] weights, int inputs) implements WeightRows {
    @Override
    public int outputs() {
      return weights.length / inputs;
    }

    @Override
    public void copy(int output, int fromInput, int count, float[] target, int targetAt) {
      System.arraycopy(weights, output * inputs + fromInput, target, targetAt, count);
    }
  }

  private static PackedWeights packed(float[] weights, int inputs) {
    try (Workers workers = new Workers(1)) {
      return PackedWeights.of(new FloatRows(weights, inputs), workers);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "4, 3, 2", "5, 16, 33", "7, 200, 17", "100, 385, 96", "23, 448, 64"})
  void linearLayersEqualThreeLoops(int rows, int inputs, int outputs) {
    var random = new Random(rows);
    float[] weights = randoms(random, outputs * inputs);
    float[] x = randoms(random, rows * inputs);
    var packed =
        new PackedRows(
            new BlockRows(Math.ceilDiv(rows, MicroKernel.TALL_ROWS) * MicroKernel.TALL_ROWS),
            inputs);
    for (int row = 0; row < rows; row++) {
      packed.put(row, x, row * inputs);
    }
    var y = new Activations(new TokenRows(rows), outputs);
    PackedWeights packedWeights = packed(weights, inputs);
    packed.multiply(packedWeights, rows, y, 0, false);
    packed.multiply(packedWeights, rows, y, 0, true);
    for (int row = 0; row < rows; row++) {
      for (int out = 0; out < outputs; out++) {
        double expected = 0;
        for (int k = 0; k < inputs; k++) {
          expected += (double) x[row * inputs + k] * weights[out * inputs + k];
        }
        assertThat((double) y.data()[y.at(row) + out])
            .isCloseTo(2 * expected, within(1e-5 * Math.sqrt(inputs) * 4));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "7, true", "64, false", "193, true"})
  void everyHeightOfPanelEqualsThreeLoops(int depth, boolean accumulate) {
    equalsThreeLoops(MicroKernel::eightRows, 8, depth, accumulate);
    equalsThreeLoops(MicroKernel::fiveRows, 5, depth, accumulate);
    equalsThreeLoops(MicroKernel::shortRows, MicroKernel.SHORT_ROWS, depth, accumulate);
  }

  private static void equalsThreeLoops(Block block, int rows, int depth, boolean accumulate) {
    var random = new Random(rows);
    float[] a = randoms(random, 3 + rows * depth);
    float[] b = randoms(random, 5 + depth * MicroKernel.WIDTH);
    int stride = MicroKernel.WIDTH + 2;
    float[] c = randoms(random, 1 + rows * stride);
    float[] before = c.clone();
    block.multiply(a, 3, b, 5, depth, c, 1, stride, accumulate);
    for (int at = 0; at < c.length; at++) {
      int row = (at - 1) / stride;
      int column = (at - 1) % stride;
      double expected = before[at];
      if (at > 0 && column < MicroKernel.WIDTH) {
        expected = accumulate ? before[at] : 0;
        for (int k = 0; k < depth; k++) {
          expected += (double) a[3 + k * rows + row] * b[5 + k * MicroKernel.WIDTH + column];
        }
      }
      assertThat((double) c[at]).isCloseTo(expected, within(2e-5 * Math.sqrt(depth)));
    }
  }

  /** A loop of {@link MicroKernel}. */
  private interface Block {
    void multiply(
        float[] a,
        int aAt,
        float[] b,
        int bAt,
        int depth,
        float[] c,
        int cAt,
        int cStride,
        boolean accumulate);
  }

  private static float[] randoms(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 193})
  void rowsThatAreNotPackedEqualThreeLoops(int depth) {
    var random = new Random(depth);
    int rows = MicroKernel.PLAIN_ROWS;
    int aStride = depth + 3;
    float[] a = randoms(random, 2 + rows * aStride);
    float[] b = randoms(random, 5 + depth * MicroKernel.WIDTH);
    float[] c = randoms(random, 1 + rows * MicroKernel.WIDTH);
    float[] before = c.clone();
    MicroKernel.addPlainRows(a, 2, aStride, b, 5, depth, c, 1);
    assertThat(c[0]).isEqualTo(before[0]);
    for (int at = 1; at < c.length; at++) {
      int row = (at - 1) / MicroKernel.WIDTH;
      int column = (at - 1) % MicroKernel.WIDTH;
      double expected = before[at];
      for (int k = 0; k < depth; k++) {
        expected += (double) a[2 + row * aStride + k] * b[5 + k * MicroKernel.WIDTH + column];
      }
      assertThat((double) c[at]).isCloseTo(expected, within(2e-5 * Math.sqrt(depth)));
    }
  }

  @Test
  void splitsCoverEveryRowOnceWithLittlePadding() {
    for (int rows = 1; rows <= 300; rows++) {
      PanelSplit split = PanelSplit.of(rows);
      int covered = 0;
      for (int panel = 0; panel < split.panels(); panel++) {
        assertThat(split.firstRow(panel)).isEqualTo(covered);
        covered += split.rowsOf(panel);
      }
      assertThat(covered).isEqualTo(split.paddedRows()).isBetween(rows, rows + 3);
    }
    assertThat(PanelSplit.of(128).paddedRows()).isEqualTo(128);
    assertThat(PanelSplit.of(64).paddedRows()).isEqualTo(64);
    assertThat(PanelSplit.of(32).paddedRows()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-8, 0.25, 0.5, 0.75, 1, 3.3, 17.49, 60.01, 100, 125.9})
  void exp2IsWithinItsBound(double magnitude) {
    var x = FloatVector.broadcast(FloatLanes.SPECIES, (float) -magnitude);
    double exact = Math.pow(2, (float) -magnitude);
    assertThat(Exp2.of(x).lane(0) / exact).isCloseTo(1, within(3e-7));
  }

  @Test
  void exp2IsWithinItsBoundEverywhere() {
    var random = new Random(5);
    for (int trial = 0; trial < 200_000; trial++) {
      float x = -126 * random.nextFloat();
      float found = Exp2.of(FloatVector.broadcast(FloatLanes.SPECIES, x)).lane(0);
      assertThat(Math.abs(found / Math.pow(2, x) - 1)).isLessThan(3e-7);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-126, -127, -1000, -1e30f, Float.NEGATIVE_INFINITY})
  void exp2OfTheVerySmallIsPositiveAndTiny(float x) {
    float found = Exp2.of(FloatVector.broadcast(FloatLanes.SPECIES, x)).lane(0);
    assertThat(found).isBetween(0f, 0x1p-125f);
  }
}
