package io.sparseplan.benchmarks;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.BlockSparseAttention;
import io.sparseplan.profiler.attention.HeadPatterns;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * Attention of one layer of llama-16m's shape at 4,096 tokens, dense and at a density of a quarter
 * (0.254: one sink tile and four window tiles), on all cores. How much faster the second is shows
 * that skipped tiles are not computed.
 *
 * <p>Run from the project's root: {@code bin/benchmark SparseAttentionBenchmark}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
public class SparseAttentionBenchmark {
  /** What all heads run. */
  public enum Choice {
    DENSE(List.of(new Dense())),
    QUARTER(List.of(window(3), window(3), window(4), window(3), window(3), window(4)));

    final List<Pattern> patterns;

    Choice(List<Pattern> patterns) {
      this.patterns = patterns;
    }

    private static Pattern window(int tiles) {
      int tile = TileSize.DEFAULT.tokens();
      return new ElasticSpan(Tokens.of(tile), Tokens.of(tiles * tile), 0);
    }
  }

  @Param Choice choice;

  private Workers workers;
  private BlockSparseAttention attention;
  private Activations q;
  private AttentionOutput output;

  @Setup(Level.Trial)
  public void prepare() {
    workers = Workers.ofAllProcessors();
    var tokens = new TokenRows(4096);
    var shape = new AttentionShape(new QueryHeads(6), new KvHeads(2), new HeadDim(64));
    TileGrid grid = TileGrid.causal(Tokens.of(tokens.count()), TileSize.DEFAULT);
    var random = new Random(42);
    q = random(tokens, shape.queryWidth(), random);
    output = new AttentionOutput(shape, tokens);
    var rotary = new RotaryTable(new Rope(100_000), shape.headDim(), tokens.count());
    var keyValues = new PackedKeyValues(shape, grid);
    keyValues.pack(
        random(tokens, shape.kvWidth(), random),
        random(tokens, shape.kvWidth(), random),
        rotary,
        workers);
    attention =
        new BlockSparseAttention(
            AttentionTiles.everyLayer(
                choice.patterns.stream().map(HeadPatterns::both).toList(), grid),
            new BitSet(),
            rotary,
            keyValues,
            workers);
  }

  private static Activations random(TokenRows tokens, int width, Random random) {
    var values = new Activations(tokens, width);
    for (int i = 0; i < tokens.count() * values.stride(); i++) {
      values.data()[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @TearDown(Level.Trial)
  public void stop() {
    workers.close();
  }

  @Benchmark
  public AttentionOutput attend() {
    attention.run(0, q, output, workers);
    return output;
  }
}
