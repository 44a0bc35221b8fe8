package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@GpuTest
class SplitDecodeGpuTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  @ParameterizedTest(name = "d {0}, tile {1}, heads {2}/{3}, {4} tokens, batch {5}, chunk {6}")
  @CsvSource({
    "128,  64, 32, 8, 4096, 2, 16",
    "128, 128, 32, 8, 1000, 1,  3",
    " 64,  64, 12, 4, 2049, 3,  4",
    " 64, 128,  6, 2,  130, 4,  1",
    "128,  64,  5, 1,  777, 2,  2",
    "128,  64, 28, 4,   65, 1, 16",
    " 64,  64,  4, 4,    1, 2, 16"
  })
  void theOutputIsThatOfAttentionOverTheListedTiles(
      int headDim, int tile, int queryHeads, int kvHeads, int tokens, int batch, int chunk) {
    var attention =
        new AttentionShape(new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(headDim));
    var tileSize = new TileSize(tile);
    int tiles = tileSize.tilesCovering(tokens);
    List<int[]> lists =
        IntStream.range(0, kvHeads)
            .mapToObj(
                head ->
                    IntStream.range(0, tiles)
                        .filter(t -> t == tiles - 1 || random.nextBoolean())
                        .toArray())
            .toList();
    short[] queries = Bf16.normal(batch * queryHeads * headDim, random);
    short[] keys = Bf16.normal(batch * kvHeads * tokens * headDim, random);
    short[] values = Bf16.normal(keys.length, random);
    short[] output = new short[queries.length];
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        SplitDecode kernel = SplitDecode.load(gpu, attention);
        GpuBuffer q = gpu.allocate("the queries", (long) Short.BYTES * queries.length);
        GpuBuffer k = gpu.allocate("the keys", (long) Short.BYTES * keys.length);
        GpuBuffer v = gpu.allocate("the values", (long) Short.BYTES * values.length);
        GpuBuffer o = gpu.allocate("the output", (long) Short.BYTES * output.length);
        DecodeWork work =
            DecodeWork.upload(
                gpu,
                new DecodeWork.Step(batch, attention, Tokens.of(tokens), tileSize, lists),
                kernel,
                new DecodeWork.ChunkTiles(chunk))) {
      q.upload(queries);
      k.upload(keys);
      v.upload(values);
      o.poison();
      kernel.prepare(q, k, v, work, o).queue();
      o.download(output);
    }

    var errors = new SquaredErrors();
    for (int row = 0; row < batch * queryHeads; row++) {
      int kvRow = row / queryHeads * kvHeads + row % queryHeads / attention.groupSize();
      int[] list = lists.get(kvRow % kvHeads);
      int from = kvRow * tokens * headDim;
      int to = from + tokens * headDim;
      ReferenceAttention.Row want =
          new ReferenceAttention(
                  headDim, Arrays.copyOfRange(keys, from, to), Arrays.copyOfRange(values, from, to))
              .row(
                  Arrays.copyOfRange(queries, row * headDim, (row + 1) * headDim),
                  key -> Arrays.binarySearch(list, key / tile) >= 0);
      errors.add(output, row * headDim, want.output());
    }
    assertThat(errors.relative())
        .as("relative error, seed %d", seed)
        .isLessThan(SquaredErrors.BF16_BOUND);
  }
}
