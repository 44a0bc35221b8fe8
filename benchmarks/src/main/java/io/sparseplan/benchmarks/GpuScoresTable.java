package io.sparseplan.benchmarks;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.gpu.BlockSparsePrefill;
import io.sparseplan.profiler.gpu.GpuBuffer;
import io.sparseplan.profiler.gpu.GpuSession;
import io.sparseplan.profiler.gpu.GpuSpanScores;
import io.sparseplan.profiler.gpu.GpuSupport;
import io.sparseplan.profiler.gpu.GpuTileLists;
import io.sparseplan.profiler.gpu.PrefillBuffers;
import io.sparseplan.profiler.gpu.PrefillShape;
import io.sparseplan.profiler.gpu.SpanProgram;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.stream.IntStream;

/**
 * Prints how long a Hopper GPU takes for one layer of Llama-3-8B's shape: dense attention, and the
 * scores of all standard candidates against it: a table of docs/gpu.md. Inputs are random; every
 * figure is the median of {@value #RUNS} runs after one. The scores are timed from the queries,
 * keys and values on the GPU to sums on the host, all copies and allocations included.
 *
 * <p>Run from the project's root: {@code bin/benchmark --main GpuScoresTable TOKENS...}
 */
public final class GpuScoresTable {
  private static final int RUNS = 9;
  private static final AttentionShape LLAMA_3_8B =
      new AttentionShape(new QueryHeads(32), new KvHeads(8), new HeadDim(128));

  private GpuScoresTable() {}

  public static void main(String[] arguments) {
    try (var workers = Workers.ofAllProcessors();
        GpuSession gpu = GpuSession.open(GpuSupport.required())) {
      System.out.println("| tokens | candidates | dense attention ms | scores ms | ratio |");
      System.out.println("|---|---|---|---|---|");
      for (String tokens : arguments) {
        print(gpu, Tokens.of(Integer.parseInt(tokens)), workers);
      }
    }
  }

  private static void print(GpuSession gpu, Tokens tokens, Workers workers) {
    TileGrid grid = TileGrid.causal(tokens, TileSize.DEFAULT);
    var shape = new PrefillShape(1, LLAMA_3_8B, grid);
    List<Pattern> candidates = CandidateSet.standard().candidates();
    SpanProgram[] ofQueryTile = programs(candidates, shape);
    int heads = LLAMA_3_8B.queryHeads().count();
    SpanProgram[][] programs =
        Collections.nCopies(heads, ofQueryTile).toArray(SpanProgram[][]::new);
    List<TileLists> dense = Collections.nCopies(heads, new Dense().on(grid));
    try (PrefillBuffers buffers = PrefillBuffers.allocate(gpu, List.of(shape));
        GpuBuffer gradient = gpu.allocate("gradients", buffers.queries().bytes());
        GpuTileLists lists = GpuTileLists.upload(gpu, dense);
        BlockSparsePrefill prefill =
            BlockSparsePrefill.load(gpu, LLAMA_3_8B.headDim(), TileSize.DEFAULT);
        GpuSpanScores scores =
            GpuSpanScores.load(gpu, LLAMA_3_8B.headDim(), TileSize.DEFAULT, workers)) {
      List<GpuBuffer> inputs =
          List.of(buffers.queries(), buffers.keys(), buffers.values(), gradient);
      for (GpuBuffer input : inputs) {
        input.uploadRepeated(normal(inputs.indexOf(input)));
      }
      double denseMillis =
          medianMillis(
              () -> {
                prefill.prepare(shape, buffers, lists).queue();
                gpu.synchronize();
              });
      double scoreMillis =
          medianMillis(
              () -> {
                var kept = new DoubleAdder();
                scores.score(
                    shape,
                    buffers,
                    gradient,
                    programs,
                    (head, queryTile, found) -> kept.add(found.squaredNorm()));
              });
      System.out.printf(
          Locale.ROOT,
          "| %,d | %d | %.2f | %.2f | %.2f |%n",
          tokens.count(),
          candidates.size(),
          denseMillis,
          scoreMillis,
          scoreMillis / denseMillis);
    }
  }

  private static SpanProgram[] programs(List<Pattern> candidates, PrefillShape shape) {
    List<TileLists> lists =
        candidates.stream()
            .filter(candidate -> !(candidate instanceof Dense))
            .map(candidate -> ((FixedPattern) candidate).on(shape.grid()))
            .toList();
    return IntStream.range(0, shape.grid().tiles())
        .mapToObj(
            queryTile -> {
              // Each set once, and not what is dense there, as a profile scores them.
              List<int[]> sets =
                  lists.stream()
                      .map(of -> tiles(of, queryTile))
                      .filter(tiles -> tiles.size() <= queryTile)
                      .distinct()
                      .map(tiles -> tiles.stream().mapToInt(Integer::intValue).toArray())
                      .toList();
              return SpanProgram.of(
                      sets, IntStream.range(0, sets.size()).toArray(), shape.visible(queryTile))
                  .orElseThrow();
            })
        .toArray(SpanProgram[]::new);
  }

  private static List<Integer> tiles(TileLists lists, int queryTile) {
    return IntStream.range(0, lists.count(queryTile))
        .mapToObj(nth -> lists.keyTile(queryTile, nth))
        .toList();
  }

  private static short[] normal(long seed) {
    var random = new SplittableRandom(seed);
    var values = new short[1 << 22];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16);
    }
    return values;
  }

  private static double medianMillis(Runnable work) {
    work.run();
    double[] millis = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      long started = System.nanoTime();
      work.run();
      millis[run] = (System.nanoTime() - started) / 1e6;
    }
    Arrays.sort(millis);
    return millis[RUNS / 2];
  }
}
