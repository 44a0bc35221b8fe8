package io.sparseplan.benchmarks;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadPatterns;
import io.sparseplan.profiler.gpu.GpuModel;
import io.sparseplan.profiler.gpu.GpuSession;
import io.sparseplan.profiler.gpu.GpuSupport;
import io.sparseplan.profiler.llama.ForwardCost;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Prints how long a GPU takes to run a model's layers on a prompt: the table of docs/gpu.md. Tokens
 * are random; every figure is the median of {@value #RUNS} runs after one, the transfers to and
 * from the GPU included.
 *
 * <p>Run from the project's root: {@code bin/benchmark --main GpuForwardTable MODEL TOKENS...}
 */
public final class GpuForwardTable {
  private static final int RUNS = 5;

  private GpuForwardTable() {}

  public static void main(String[] arguments) {
    ModelDirectory directory = ModelDirectory.open(Path.of(arguments[0]));
    try (var workers = Workers.ofAllProcessors();
        GpuSession gpu = GpuSession.open(GpuSupport.required());
        var model = new GpuModel(gpu, directory.openWeights().stored(workers), workers)) {
      System.out.println("| tokens | heads | ms | TFLOP/s of linear layers and dense attention |");
      System.out.println("|---|---|---|---|");
      for (int i = 1; i < arguments.length; i++) {
        var tokens = Tokens.of(Integer.parseInt(arguments[i]));
        print(directory, model, tokens, "dense", new Dense());
        var streaming = new ElasticSpan(Tokens.of(128), Tokens.of(2048), 0);
        print(directory, model, tokens, "128 sink, window 2,048", streaming);
      }
    }
  }

  private static void print(
      ModelDirectory directory, GpuModel model, Tokens tokens, String name, Pattern pattern) {
    int vocabulary = directory.geometry().vocabularySize();
    int[] ids = new SplittableRandom(3).ints(tokens.count(), 0, vocabulary).toArray();
    TileGrid grid = TileGrid.causal(tokens, TileSize.DEFAULT);
    AttentionTiles tiles = AttentionTiles.uniform(HeadPatterns.both(pattern), grid);
    model.forward(ids, tiles, new BitSet());
    double[] millis = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      long started = System.nanoTime();
      model.forward(ids, tiles, new BitSet());
      millis[run] = (System.nanoTime() - started) / 1e6;
    }
    Arrays.sort(millis);
    double median = millis[RUNS / 2];
    var cost = new ForwardCost(directory.geometry(), tokens.count());
    double flops = cost.linearFlops() + cost.denseAttentionFlops();
    System.out.printf(
        Locale.ROOT,
        "| %,d | %s | %.1f | %s |%n",
        tokens.count(),
        name,
        median,
        pattern instanceof Dense ? "%.0f".formatted(flops / median / 1e9) : "");
  }
}
