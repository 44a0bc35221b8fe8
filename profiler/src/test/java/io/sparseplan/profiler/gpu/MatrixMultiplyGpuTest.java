package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.WeightRows;
import io.sparseplan.profiler.llama.StoredLinear;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linear layers against products in float64. */
@GpuTest
class MatrixMultiplyGpuTest {
  /** Inputs are bf16 on both sides, so only the float32 sums differ. */
  private static final double FLOAT_SUM_BOUND = 3e-5;

  private static final float BEFORE = 0.75f;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private record Weights(int outputs, int inputs, float[] values) implements WeightRows {
    @Override
    public void copy(int output, int fromInput, int count, float[] target, int targetAt) {
      System.arraycopy(values, output * inputs + fromInput, target, targetAt, count);
    }
  }

  @ParameterizedTest(name = "{0} rows, {1} outputs, {2} inputs, bias {3}, added {4}")
  @CsvSource({
    "   1,    1,    1, false, false",
    "   5,   53,   21, true,  false",
    " 129,  127,   64, true,  true",
    " 128,  256,  128, false, true",
    " 300, 1001,  333, true,  true",
    "1153, 1300,   72, false, false",
    " 257,  640, 4096, true,  false"
  })
  void theProductIsThatOfFloat64(int rows, int outputs, int inputs, boolean bias, boolean added) {
    var weights = new Weights(outputs, inputs, bf16Values(outputs * inputs));
    float[] biases = bias ? bf16Values(outputs) : new float[0];
    float[] x = bf16Values(rows * inputs);
    int xStride = GpuRows.operandStride(inputs);
    int yStride = GpuRows.productStride(outputs);
    short[] padded = new short[rows * xStride];
    for (int i = 0; i < x.length; i++) {
      padded[i / inputs * xStride + i % inputs] = Bf16.of(x[i]);
    }
    float[] y = new float[rows * yStride];
    try (var workers = new Workers(2);
        GpuSession gpu = GpuSession.open(GpuSupport.required());
        MatrixMultiply multiply = MatrixMultiply.load(gpu);
        GpuLinear layer =
            GpuLinear.upload(gpu, new StoredLinear(List.of(weights), biases), workers);
        GpuBuffer in = gpu.allocate("x", (long) Short.BYTES * padded.length);
        GpuBuffer out = gpu.allocate("y", (long) Float.BYTES * y.length)) {
      in.upload(padded);
      out.poison();
      if (added) {
        float[] before = new float[y.length];
        Arrays.fill(before, BEFORE);
        out.upload(before);
      }
      multiply.queue(
          GpuRows.bf16(in, inputs, rows),
          layer,
          GpuRows.floats(out, outputs, rows),
          added ? MatrixMultiply.Before.ADDED_TO : MatrixMultiply.Before.OVERWRITTEN);
      out.download(y);
    }
    double error = 0;
    double norm = 0;
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < outputs; output++) {
        double want = (added ? BEFORE : 0) + (bias ? biases[output] : 0);
        for (int i = 0; i < inputs; i++) {
          want += (double) x[row * inputs + i] * weights.values()[output * inputs + i];
        }
        error += Math.pow(y[row * yStride + output] - want, 2);
        norm += want * want;
      }
    }
    assertThat(Math.sqrt(error / norm)).as("seed %d", seed).isLessThan(FLOAT_SUM_BOUND);
  }

  private float[] bf16Values(int count) {
    short[] rounded = Bf16.normal(count, random);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bf16.toFloat(rounded[i]);
    }
    return values;
  }
}
