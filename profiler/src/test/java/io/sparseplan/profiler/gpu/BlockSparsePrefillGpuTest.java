package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@GpuTest
class BlockSparsePrefillGpuTest {
  /** Score sums are float32, so the log-sum-exp is far closer than bf16. */
  private static final double LOG_SUM_EXP_BOUND = 1e-3;

  private static final int MOST_ROWS_COMPARED = 96;

  /** Fresh for every run, and named by a failure. */
  private final long seed = System.nanoTime();

  private final SplittableRandom random = new SplittableRandom(seed);

  @ParameterizedTest(
      name = "d {0}, tile {1}, heads {2}/{3}, {4} tokens, batch {5}, {6}, density {7}")
  @CsvSource({
    "128, 128,  4, 2,     1, 2, CAUSAL,        1",
    " 64, 128,  4, 1,   129, 3, CAUSAL,        1",
    "128,  64,  6, 3,   777, 2, CAUSAL,        0.5",
    " 64,  64,  3, 3,  1000, 1, BIDIRECTIONAL, 0.4",
    "128, 128,  2, 1,  1913, 2, BIDIRECTIONAL, 0.7",
    "128, 128,  4, 4,   640, 1, CAUSAL,        0",
    " 64, 128, 12, 3,  2048, 1, CAUSAL,        0.3",
    "128, 128,  8, 2,  4096, 1, CAUSAL,        1",
    "128,  64,  8, 2,  4095, 1, BIDIRECTIONAL, 0.1",
    "128, 128, 32, 8, 16384, 1, CAUSAL,        0.2",
    "128, 128, 32, 8, 32768, 1, CAUSAL,        1"
  })
  void theOutputIsThatOfAttentionOverTheListedTiles(
      int headDim,
      int tile,
      int queryHeads,
      int kvHeads,
      int tokens,
      int batch,
      Visibility visibility,
      double density) {
    var attention =
        new AttentionShape(new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(headDim));
    var grid = new TileGrid(Tokens.of(tokens), new TileSize(tile), visibility);
    var shape = new PrefillShape(batch, attention, grid);
    List<TileLists> lists =
        IntStream.range(0, queryHeads).mapToObj(head -> randomLists(grid, density)).toList();
    var inputs =
        new Inputs(
            shape,
            lists,
            Bf16.normal(Math.toIntExact(shape.queryElements()), random),
            Bf16.normal(Math.toIntExact(shape.keyElements()), random),
            Bf16.normal(Math.toIntExact(shape.keyElements()), random));
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        PrefillBuffers buffers = PrefillBuffers.allocate(gpu, List.of(shape));
        GpuTileLists onGpu = GpuTileLists.upload(gpu, lists)) {
      buffers.queries().upload(inputs.queries);
      buffers.keys().upload(inputs.keys);
      buffers.values().upload(inputs.values);
      for (Supplier<BlockSparsePrefill> kernelOfThisGpu : kernels(gpu, grid.tile(), attention)) {
        short[] output = new short[inputs.queries.length];
        float[] logSumExp = new float[Math.toIntExact(shape.queryRows())];
        buffers.output().poison();
        buffers.logSumExp().poison();
        try (BlockSparsePrefill kernel = kernelOfThisGpu.get()) {
          kernel.prepare(shape, buffers, onGpu).queue();
          buffers.output().download(output);
          buffers.logSumExp().download(logSumExp);
          compare(kernel.getClass().getSimpleName(), inputs, output, logSumExp);
        }
      }
    }
  }

  private static List<Supplier<BlockSparsePrefill>> kernels(
      GpuSession gpu, TileSize tile, AttentionShape attention) {
    Supplier<BlockSparsePrefill> ampere = () -> AmperePrefill.load(gpu, attention.headDim(), tile);
    return gpu.gpu().capability().equals(ComputeCapability.HOPPER)
        ? List.of(ampere, () -> HopperPrefill.load(gpu, attention.headDim(), tile))
        : List.of(ampere);
  }

  private record Inputs(
      PrefillShape shape, List<TileLists> lists, short[] queries, short[] keys, short[] values) {
    ReferenceAttention.Row reference(int row) {
      int tokens = shape.grid().length().count();
      int headDim = shape.attention().headDim().count();
      int token = row % tokens;
      int head = row / tokens % lists.size();
      int prompt = row / tokens / lists.size();
      int kvHead =
          prompt * shape.attention().kvHeads().count() + head / shape.attention().groupSize();
      int from = kvHead * tokens * headDim;
      int to = from + tokens * headDim;
      int tile = shape.grid().tile().tokens();
      boolean causal = shape.grid().visibility() == Visibility.CAUSAL;
      return new ReferenceAttention(
              headDim, Arrays.copyOfRange(keys, from, to), Arrays.copyOfRange(values, from, to))
          .row(
              Arrays.copyOfRange(queries, row * headDim, (row + 1) * headDim),
              key -> (!causal || key <= token) && lists.get(head).visits(token / tile, key / tile));
    }
  }

  private void compare(String kernel, Inputs inputs, short[] output, float[] logSumExp) {
    assertThat(IntStream.range(0, output.length).filter(i -> Float.isNaN(Bf16.toFloat(output[i]))))
        .as("outputs of %s not written, or NaN", kernel)
        .isEmpty();
    assertThat(IntStream.range(0, logSumExp.length).filter(i -> Float.isNaN(logSumExp[i])))
        .as("log-sum-exps of %s not written, or NaN", kernel)
        .isEmpty();
    int headDim = inputs.shape.attention().headDim().count();
    var errors = new SquaredErrors();
    boolean anySeesAKey = false;
    for (int row : rowsToCompare(logSumExp.length)) {
      ReferenceAttention.Row want = inputs.reference(row);
      if (want.logSumExp() == Double.NEGATIVE_INFINITY) {
        assertThat(logSumExp[row]).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Arrays.copyOfRange(output, row * headDim, (row + 1) * headDim))
            .containsOnly((short) 0);
        continue;
      }
      anySeesAKey = true;
      assertThat((double) logSumExp[row])
          .as("log-sum-exp of row %d by %s, seed %d", row, kernel, seed)
          .isCloseTo(want.logSumExp(), within(LOG_SUM_EXP_BOUND));
      errors.add(output, row * headDim, want.output());
    }
    if (anySeesAKey) {
      assertThat(errors.relative())
          .as("relative error of %s, seed %d", kernel, seed)
          .isLessThan(SquaredErrors.BF16_BOUND);
    }
  }

  @Test
  void moreThanTheMemoryHoldsIsRefusedWithWhatIsNeeded() {
    var shape =
        new PrefillShape(
            1024,
            new AttentionShape(new QueryHeads(32), new KvHeads(8), new HeadDim(128)),
            TileGrid.causal(Tokens.of(131_072), TileSize.DEFAULT));
    try (GpuSession gpu = GpuSession.open(GpuSupport.required())) {
      assertThatThrownBy(() -> PrefillBuffers.allocate(gpu, List.of(shape)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("1024 prompts of 131072 tokens")
          .hasMessageContaining("MiB")
          .hasMessageContaining("Maybe lower the batch");
      assertThatThrownBy(() -> gpu.allocate("everything", 1L << 45))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("everything needs 33554433 MiB");
    }
  }

  @Test
  void theClockIsThatOfAGpu() {
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        ClockProbe clock = ClockProbe.load(gpu)) {
      for (int slot = 0; slot < 3; slot++) {
        clock.queue(slot, 100_000L * slot);
      }
      assertThat(Arrays.stream(clock.megahertz(3)))
          .allMatch(megahertz -> megahertz > 100 && megahertz < 5000);
    }
  }

  private TileLists randomLists(TileGrid grid, double density) {
    return TileLists.of(
        grid,
        queryTile ->
            IntStream.rangeClosed(0, grid.lastVisibleKeyTile(queryTile))
                .filter(keyTile -> random.nextDouble() < density)
                .toArray());
  }

  /** The first and last rows, which are where ragged tiles lie, and some of the others. */
  private int[] rowsToCompare(int rows) {
    return rows <= MOST_ROWS_COMPARED
        ? IntStream.range(0, rows).toArray()
        : IntStream.concat(
                IntStream.of(0, rows - 1),
                IntStream.generate(() -> random.nextInt(rows)).limit(MOST_ROWS_COMPARED))
            .toArray();
  }
}
