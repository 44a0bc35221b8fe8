package io.sparseplan.benchmarks;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardCost;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.LlamaModel;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole forward pass of llama-16m without the output layer, dense, on all cores.
 *
 * <p>{@code gflop} is the arithmetic done per second in GFLOP: projections, MLP and the pairs with
 * key ≤ query of attention; what masked halves of diagonal tiles cost is not counted as work.
 *
 * <p>Run from the project's root: {@code bin/benchmark ForwardBenchmark}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 10)
@Measurement(iterations = 5, time = 10)
public class ForwardBenchmark {
  @Param({"1024", "4096"})
  int tokens;

  private Workers workers;
  private LlamaModel model;
  private int[] ids;
  private AttentionTiles dense;
  private double gflopOfPass;

  /** Counts arithmetic beside passes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Arithmetic {
    /** GFLOP done. */
    public double gflop;
  }

  @Setup(Level.Trial)
  public void load() {
    workers = Workers.ofAllProcessors();
    model = ModelDirectory.open(Path.of("models", "llama-16m")).load(workers).model();
    ids = new Random(42).ints(tokens, 0, model.geometry().vocabularySize()).toArray();
    dense = AttentionTiles.dense(TileGrid.causal(Tokens.of(tokens), TileSize.DEFAULT));
    var cost = new ForwardCost(model.geometry(), tokens);
    gflopOfPass = (cost.linearFlops() + cost.denseAttentionFlops()) / 1e9;
  }

  @TearDown(Level.Trial)
  public void stop() {
    workers.close();
  }

  @Benchmark
  public Activations forward(Arithmetic arithmetic) {
    arithmetic.gflop += gflopOfPass;
    return model.forward(ids, dense, new BitSet(), ForwardObserver.NONE);
  }
}
