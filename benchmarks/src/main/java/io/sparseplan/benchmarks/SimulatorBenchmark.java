package io.sparseplan.benchmarks;

import io.sparseplan.costmodel.BlockTiles;
import io.sparseplan.costmodel.BlockTimes;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.IncrementalLayer;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.LaunchTensors;
import io.sparseplan.costmodel.TileSimulator;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Pricing one layer of 32 heads at 32,768 tokens, 8,192 blocks: the whole layer, and with one head
 * changed, with the constants of the default device table. The target of the first is 200 µs.
 *
 * <p>Run from the project's root: {@code bin/benchmark SimulatorBenchmark}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SimulatorBenchmark {
  private static final int HEADS = 32;

  /** 128 has a multiprocessor for each block, which waits for memory; of 64 two share one. */
  @Param({"128", "64"})
  public int headDim;

  private TileSimulator simulator;
  private IncrementalLayer layer;
  private List<long[]> choices;
  private List<long[]> heads;
  private SplittableRandom random;

  @Setup
  public void makeLayer() {
    DeviceTable device = DeviceTable.resolve(DeviceTable.DEFAULT);
    var attention = new AttentionShape(new QueryHeads(HEADS), new KvHeads(8), new HeadDim(headDim));
    var grid = TileGrid.causal(Tokens.of(32_768), TileSize.DEFAULT);
    KernelConstants constants =
        device
            .priceFor(attention.headDim(), grid.tile(), grid.visibility())
            .shape()
            .constants()
            .reading(LaunchTensors.of(attention, grid.length(), 1), device.cacheMegabytes());
    choices = new ArrayList<>();
    choices.add(BlockTimes.ticks(BlockTiles.of(new Dense().on(grid)), constants));
    for (int window = 256; window <= 8192; window *= 2) {
      var span = new ElasticSpan(Tokens.of(128), Tokens.of(window), 0);
      choices.add(BlockTimes.ticks(BlockTiles.of(span.on(grid)), constants));
    }
    random = new SplittableRandom(1);
    heads = IntStream.range(0, HEADS).mapToObj(head -> anyChoice()).toList();
    simulator = new TileSimulator(constants);
    layer = new IncrementalLayer(constants, 1, heads);
  }

  private long[] anyChoice() {
    return choices.get(random.nextInt(choices.size()));
  }

  @Benchmark
  public double wholeLayer() {
    simulator.reset();
    for (long[] head : heads) {
      simulator.place(head, 1);
    }
    return simulator.makespanMicros();
  }

  @Benchmark
  public double oneHeadChanged() {
    layer.set(random.nextInt(HEADS), anyChoice());
    return layer.makespanMicros();
  }
}
