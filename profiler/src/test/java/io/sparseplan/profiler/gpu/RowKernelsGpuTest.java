package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.model.RopeScaling;
import io.sparseplan.profiler.attention.RotaryTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps between matrix products, against the same in float64. */
@GpuTest
class RowKernelsGpuTest {
  /** Half a unit in the last place of a bf16, of numbers from 1 to 2. */
  private static final double BF16_HALF_UNIT = Math.scalb(1.0, -8);

  private static final double EPSILON = 1e-5;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private GpuSession gpu;
  private RowKernels kernels;

  @BeforeEach
  void open() {
    gpu = GpuSession.open(GpuSupport.required());
    kernels = RowKernels.load(gpu);
  }

  @AfterEach
  void close() {
    kernels.close();
    gpu.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 21, 384, 4096})
  void rowsAreNormalised(int width) {
    int rows = 7;
    int xStride = GpuRows.productStride(width);
    int yStride = GpuRows.operandStride(width);
    float[] x = normal(rows * xStride);
    float[] weight = normal(width);
    try (GpuBuffer in = gpu.uploaded(x).orElseThrow();
        GpuBuffer weights = gpu.uploaded(weight).orElseThrow();
        GpuBuffer out = poisoned(Short.BYTES * rows * yStride);
        GpuBuffer wide = poisoned(Float.BYTES * rows * yStride);
        GpuBuffer firstBad = firstBad()) {
      var norm = new RowKernels.Norm(weights, width, EPSILON, firstBad);
      kernels.normalize(GpuRows.floats(in, width, rows), norm, GpuRows.bf16(out, width, rows));
      kernels.normalize(
          GpuRows.floats(in, width, rows),
          norm,
          new GpuRows(wide, GpuRows.Element.FLOAT, yStride, 0, rows));
      short[] rounded = new short[rows * yStride];
      float[] floats = new float[rows * yStride];
      out.download(rounded);
      wide.download(floats);
      for (int row = 0; row < rows; row++) {
        double squares = 0;
        for (int i = 0; i < width; i++) {
          squares += Math.pow(x[row * xStride + i], 2);
        }
        for (int i = 0; i < yStride; i++) {
          double want =
              i < width
                  ? x[row * xStride + i] / Math.sqrt(squares / width + EPSILON) * weight[i]
                  : 0;
          assertNear(rounded[row * yStride + i], want);
          assertThat(Math.abs(floats[row * yStride + i] - want))
              .isLessThanOrEqualTo(2e-6 * Math.abs(want));
        }
      }
      int[] bad = {0};
      firstBad.download(bad);
      assertThat(bad[0]).isEqualTo(Integer.MAX_VALUE);
    }
  }

  @Test
  void theFirstRowThatIsNotFiniteIsNamed() {
    int rows = 9;
    int width = 40;
    float[] x = normal(rows * width);
    x[4 * width + 3] = Float.POSITIVE_INFINITY;
    x[6 * width] = Float.NaN;
    try (GpuBuffer in = gpu.uploaded(x).orElseThrow();
        GpuBuffer weights = gpu.uploaded(normal(width)).orElseThrow();
        GpuBuffer out = poisoned(Short.BYTES * rows * width);
        GpuBuffer firstBad = firstBad()) {
      kernels.normalize(
          GpuRows.floats(in, width, rows),
          new RowKernels.Norm(weights, width, EPSILON, firstBad),
          GpuRows.bf16(out, width, rows));
      int[] bad = {0};
      firstBad.download(bad);
      assertThat(bad[0]).isEqualTo(4);
    }
  }

  @ParameterizedTest(name = "{0}/{1} heads of {2} in {3}, {4} of a head rotate, normalised {5}")
  @CsvSource({
    "4, 2,  32,  64, 1,    false",
    "6, 2,  64,  64, 1,    true",
    "3, 1,   8,  64, 1,    true",
    "8, 8,  96, 128, 0.25, false",
    "9, 3, 128, 128, 1,    false"
  })
  void headsAreNormalisedRotatedAndPadded(
      int queryHeads, int kvHeads, int headDim, int padded, double rotated, boolean normalised) {
    int tokens = 133;
    int first = 100;
    int rows = tokens - first;
    var shape =
        new AttentionShape(new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(headDim));
    var heads = new RowKernels.Heads(shape, new HeadDim(padded));
    var table =
        new RotaryTable(new Rope(10_000, rotated, new RopeScaling.None()), shape.headDim(), tokens);
    int width = shape.queryWidth() + 2 * shape.kvWidth();
    float[] projections = normal(rows * GpuRows.productStride(width));
    float[] queryNorm = normalised ? normal(headDim) : new float[0];
    float[] keyNorm = normalised ? normal(headDim) : new float[0];
    var prefill =
        new PrefillShape(
            1,
            new AttentionShape(shape.queryHeads(), shape.kvHeads(), heads.padded()),
            TileGrid.causal(Tokens.of(tokens), new TileSize(64)));
    try (GpuBuffer in = gpu.uploaded(projections).orElseThrow();
        GpuRotary rotary = GpuRotary.upload(gpu, table, tokens);
        PrefillBuffers into = PrefillBuffers.allocate(gpu, List.of(prefill))) {
      Optional<GpuBuffer> ofQueries = gpu.uploaded(queryNorm);
      Optional<GpuBuffer> ofKeys = gpu.uploaded(keyNorm);
      kernels.rotate(
          GpuRows.floats(in, width, rows),
          new RowKernels.Place(first, tokens),
          heads,
          new RowKernels.HeadNorms(ofQueries, ofKeys, EPSILON),
          rotary,
          into);
      short[] q = new short[queryHeads * tokens * padded];
      short[] k = new short[kvHeads * tokens * padded];
      short[] v = new short[kvHeads * tokens * padded];
      into.queries().download(q);
      into.keys().download(k);
      into.values().download(v);
      float[] rotatedHead = new float[headDim];
      for (int row = 0; row < rows; row++) {
        int token = first + row;
        for (int head = 0; head < queryHeads + 2 * kvHeads; head++) {
          boolean isQuery = head < queryHeads;
          boolean isValue = head >= queryHeads + kvHeads;
          int from = row * GpuRows.productStride(width) + head * headDim;
          float[] vector =
              isValue
                  ? Arrays.copyOfRange(projections, from, from + headDim)
                  : normalised(projections, from, isQuery ? queryNorm : keyNorm, headDim);
          if (!isValue) {
            table.rotate(token, vector, 0, rotatedHead);
            vector = rotatedHead;
          }
          short[] got = isQuery ? q : isValue ? v : k;
          int ofHead = isQuery ? head : isValue ? head - queryHeads - kvHeads : head - queryHeads;
          for (int d = 0; d < padded; d++) {
            double want = d < headDim ? vector[d] : 0;
            assertNear(
                got[(ofHead * tokens + token) * padded + d],
                isQuery ? want * Math.sqrt((double) padded / headDim) : want);
          }
        }
      }
      ofQueries.ifPresent(GpuBuffer::close);
      ofKeys.ifPresent(GpuBuffer::close);
    }
  }

  private static float[] normalised(float[] values, int from, float[] weight, int headDim) {
    double squares = 0;
    for (int d = 0; d < headDim; d++) {
      squares += Math.pow(values[from + d], 2);
    }
    float[] vector = new float[headDim];
    for (int d = 0; d < headDim; d++) {
      vector[d] =
          weight.length == 0
              ? values[from + d]
              : (float) (values[from + d] / Math.sqrt(squares / headDim + EPSILON) * weight[d]);
    }
    return vector;
  }

  @Test
  void headsAreGatheredSideBySideForTheRowsThatAreAskedFor() {
    int tokens = 37;
    int headDim = 9;
    var shape = new AttentionShape(new QueryHeads(3), new KvHeads(3), new HeadDim(headDim));
    var heads = new RowKernels.Heads(shape, new HeadDim(64));
    short[] o = Bf16.normal(3 * tokens * 64, random);
    int stride = GpuRows.operandStride(shape.queryWidth());
    int[] which = random.ints(tokens, 0, 2).toArray();
    try (GpuBuffer in = gpu.allocate("o", (long) Short.BYTES * o.length);
        GpuBuffer flags = gpu.allocate("which", (long) Integer.BYTES * tokens);
        GpuBuffer all = poisoned(Short.BYTES * tokens * stride);
        GpuBuffer some = poisoned(Short.BYTES * tokens * stride)) {
      in.upload(o);
      flags.upload(which);
      kernels.gather(in, heads, Optional.empty(), GpuRows.bf16(all, shape.queryWidth(), tokens));
      kernels.gather(in, heads, Optional.of(flags), GpuRows.bf16(some, shape.queryWidth(), tokens));
      short[] gathered = new short[tokens * stride];
      short[] ofSome = new short[tokens * stride];
      all.download(gathered);
      some.download(ofSome);
      for (int i = 0; i < gathered.length; i++) {
        int token = i / stride;
        int element = i % stride;
        short want =
            element < shape.queryWidth()
                ? o[(element / headDim * tokens + token) * 64 + element % headDim]
                : 0;
        assertThat(gathered[i]).isEqualTo(want);
        assertThat(ofSome[i]).isEqualTo(which[token] == 0 ? (short) -1 : want);
      }
    }
  }

  @Test
  void swigluIsThatOfFloat64AlsoWhereExponentsAreLarge() {
    int rows = 5;
    int columns = 91;
    float[] gateAndUp = normal(rows * 2 * columns);
    gateAndUp[0] = 300;
    gateAndUp[1] = -300;
    gateAndUp[2] = 0;
    int stride = GpuRows.operandStride(columns);
    try (GpuBuffer in = gpu.uploaded(gateAndUp).orElseThrow();
        GpuBuffer out = poisoned(Short.BYTES * rows * stride)) {
      kernels.swiglu(
          GpuRows.floats(in, 2 * columns, rows), columns, GpuRows.bf16(out, columns, rows));
      short[] y = new short[rows * stride];
      out.download(y);
      for (int i = 0; i < y.length; i++) {
        int row = i / stride;
        int column = i % stride;
        double want = 0;
        if (column < columns) {
          double gate = gateAndUp[row * 2 * columns + column];
          want = gate / (1 + Math.exp(-gate)) * gateAndUp[row * 2 * columns + columns + column];
        }
        assertNear(y[i], want);
      }
    }
  }

  private void assertNear(short got, double want) {
    // A float32 step before may push a number over the middle between two bf16.
    assertThat(Math.abs(Bf16.toFloat(got) - want))
        .as("%s for %s, seed %d", Bf16.toFloat(got), want, seed)
        .isLessThanOrEqualTo((BF16_HALF_UNIT + 1e-5) * Math.abs(want) + 1e-6);
  }

  private GpuBuffer poisoned(int bytes) {
    GpuBuffer buffer = gpu.allocate("an output", bytes);
    buffer.poison();
    return buffer;
  }

  private GpuBuffer firstBad() {
    GpuBuffer buffer = gpu.allocate("a number", Integer.BYTES);
    buffer.upload(new int[] {Integer.MAX_VALUE});
    return buffer;
  }

  private float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
