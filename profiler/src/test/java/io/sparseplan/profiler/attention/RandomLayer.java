package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** One attention layer of random projections with a wide spread of scores. */
public final class RandomLayer {
  public final AttentionShape shape;
  public final TileGrid grid;
  public final Rope rope = new Rope(10_000);
  public final Activations q;
  public final Activations k;
  public final Activations v;
  public final RotaryTable rotary;
  public final PackedKeyValues keyValues;
  private final NaiveAttention naive;

  /** Four query heads on two key-value heads, causal. */
  public RandomLayer(int tokens, int tile, int headDim, Workers workers) {
    this(TileGrid.causal(Tokens.of(tokens), new TileSize(tile)), headDim, workers);
  }

  /** The same where tokens lie otherwise. */
  public RandomLayer(TileGrid grid, int headDim, Workers workers) {
    this(grid, headDim, new AttentionReach.Everything(), workers);
  }

  /** The same where queries see no further back. */
  public RandomLayer(TileGrid grid, int headDim, AttentionReach reach, Workers workers) {
    shape = new AttentionShape(new QueryHeads(4), new KvHeads(2), new HeadDim(headDim));
    this.grid = grid;
    int tokens = grid.length().count();
    int tile = grid.tile().tokens();
    var random = new Random(31L * tokens + tile);
    q = random(tokens, shape.queryWidth(), random);
    k = random(tokens, shape.kvWidth(), random);
    v = random(tokens, shape.kvWidth(), random);
    rotary = new RotaryTable(rope, shape.headDim(), tokens);
    keyValues = new PackedKeyValues(shape, grid);
    keyValues.pack(k, v, rotary, reach, workers);
    naive = new NaiveAttention(shape, rope, reach, q, k, v);
  }

  private static Activations random(int tokens, int width, Random random) {
    var activations = new Activations(new TokenRows(tokens), width);
    for (int token = 0; token < tokens; token++) {
      for (int i = 0; i < width; i++) {
        activations.data()[activations.at(token) + i] = (float) (2 * random.nextGaussian());
      }
    }
    return activations;
  }

  public NaiveAttention naive() {
    return naive;
  }

  /** Attention over the tiles. */
  public Activations attend(AttentionTiles tiles, BitSet decodeRows, Workers workers) {
    return run(tiles, decodeRows, workers).o();
  }

  private AttentionOutput run(AttentionTiles tiles, BitSet decodeRows, Workers workers) {
    var output = new AttentionOutput(shape, new TokenRows(grid.length().count()));
    new BlockSparseAttention(tiles, decodeRows, rotary, keyValues, workers)
        .run(0, q, output, workers);
    return output;
  }

  /** What an observer would see after dense attention. */
  public LayerAttention dense(Workers workers) {
    return running(AttentionTiles.dense(grid), workers);
  }

  /** What an observer would see after attention over the tiles. */
  public LayerAttention running(AttentionTiles tiles, Workers workers) {
    AttentionOutput output = run(tiles, new BitSet(), workers);
    return new LayerAttention(0, q, k, v, keyValues, rotary, output);
  }

  /** A random gradient of the attention output. */
  public Activations gradient() {
    return random(grid.length().count(), shape.queryWidth(), new Random(17));
  }

  /** A gradient of the dense attention output, and what it is of the projections. */
  public record Backward(
      Activations outputGradient, ProjectionGradients projections, List<AttentionBlocks> blocks) {}

  /** The backward pass of dense attention from a random gradient. */
  public Backward backward(LayerAttention dense, Workers workers) {
    return backward(dense, gradient(), workers);
  }

  /** The backward pass of dense attention. */
  public Backward backward(LayerAttention dense, Activations outputGradient, Workers workers) {
    var tokens = new TokenRows(grid.length().count());
    var projections = new ProjectionGradients(shape, tokens);
    List<AttentionBlocks> blocks =
        new AttentionBackward(AttentionTiles.dense(grid), rotary, keyValues, workers)
            .run(0, q, k, v, dense.output(), outputGradient, projections, workers);
    return new Backward(outputGradient, projections, blocks);
  }

  /** The blocks of the backward pass of dense attention, alone. */
  List<AttentionBlocks> blocks(LayerAttention dense, Activations outputGradient, Workers workers) {
    return new AttentionBackward(AttentionTiles.dense(grid), rotary, keyValues, workers)
        .blocks(0, q, k, v, dense.output(), outputGradient, workers);
  }
}
