package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.attention.AttentionBlocks;
import java.util.ArrayList;
import java.util.List;

/**
 * What the backward pass of a layer's attention reads and writes beside the {@link PrefillBuffers}
 * of its forward pass.
 *
 * @param output ∂L/∂O, [queryHeads][tokens][headDim], bf16
 * @param rowDot ⟨∂L/∂O, O⟩, [queryHeads][tokens], float
 * @param queries gradients of rotated queries, as they are but float; likewise keys and values
 * @param mass Σ A over pairs of tiles, [queryHeads][queryTiles][queryTiles], float
 * @param influence Σ |E| likewise, of weights up to a half
 * @param entropyBits −Σ A·log₂ A, [queryHeads][queryTiles], float
 * @param heavyTile the key tile of each row's weight above a half, or −1, [queryHeads][tokens], int
 * @param heavyInfluence its |E|, float
 */
record AttentionGradients(
    PrefillShape shape,
    GpuBuffer output,
    GpuBuffer rowDot,
    GpuBuffer queries,
    GpuBuffer keys,
    GpuBuffer values,
    GpuBuffer mass,
    GpuBuffer influence,
    GpuBuffer entropyBits,
    GpuBuffer heavyTile,
    GpuBuffer heavyInfluence)
    implements AutoCloseable {

  /** Bytes of all of them. */
  static long bytes(PrefillShape shape) {
    return (Short.BYTES + Float.BYTES) * shape.queryElements()
        + 2L * Float.BYTES * shape.keyElements()
        + 3L * Float.BYTES * shape.queryRows()
        + 2L * Float.BYTES * pairs(shape);
  }

  private static long pairs(PrefillShape shape) {
    long tiles = shape.grid().tiles();
    return shape.attention().queryHeads().count() * tiles * tiles;
  }

  static AttentionGradients allocate(GpuSession gpu, PrefillShape shape) {
    long rowBytes = Float.BYTES * shape.queryRows();
    return new AttentionGradients(
        shape,
        gpu.allocate("the output's gradient", Short.BYTES * shape.queryElements()),
        gpu.allocate("the products of rows", rowBytes),
        gpu.allocate("the queries' gradient", Float.BYTES * shape.queryElements()),
        gpu.allocate("the keys' gradient", Float.BYTES * shape.keyElements()),
        gpu.allocate("the values' gradient", Float.BYTES * shape.keyElements()),
        gpu.allocate("the mass of tiles", Float.BYTES * pairs(shape)),
        gpu.allocate("the influence of tiles", Float.BYTES * pairs(shape)),
        gpu.allocate(
            "entropies",
            (long) Float.BYTES * shape.attention().queryHeads().count() * shape.grid().tiles()),
        gpu.allocate("the tiles of heavy weights", rowBytes),
        gpu.allocate("the influence of heavy weights", rowBytes));
  }

  /** Waits for the backward pass; one record a query head. */
  List<AttentionBlocks> blocks() {
    TileGrid grid = shape.grid();
    int tiles = grid.tiles();
    int tokens = grid.length().count();
    int heads = shape.attention().queryHeads().count();
    float[] ofMass = downloaded(mass, Math.toIntExact(pairs(shape)));
    float[] ofInfluence = downloaded(influence, ofMass.length);
    float[] ofEntropy = downloaded(entropyBits, heads * tiles);
    float[] ofHeavy = downloaded(heavyInfluence, heads * tokens);
    int[] tileOfHeavy = new int[ofHeavy.length];
    heavyTile.download(tileOfHeavy);
    var blocks = new ArrayList<AttentionBlocks>();
    for (int head = 0; head < heads; head++) {
      double[][] massOfHead = visible(ofMass, head, grid);
      double[][] influenceOfHead = visible(ofInfluence, head, grid);
      double bits = 0;
      for (int queryTile = 0; queryTile < tiles; queryTile++) {
        bits += ofEntropy[head * tiles + queryTile];
        for (int token = grid.firstToken(queryTile); token < grid.endToken(queryTile); token++) {
          int row = head * tokens + token;
          if (tileOfHeavy[row] >= 0) {
            influenceOfHead[queryTile][tileOfHeavy[row]] += ofHeavy[row];
          }
        }
      }
      blocks.add(new AttentionBlocks(massOfHead, influenceOfHead, bits));
    }
    return blocks;
  }

  private static float[] downloaded(GpuBuffer buffer, int count) {
    float[] values = new float[count];
    buffer.download(values);
    return values;
  }

  private static double[][] visible(float[] pairs, int head, TileGrid grid) {
    int tiles = grid.tiles();
    double[][] rows = new double[tiles][];
    for (int queryTile = 0; queryTile < tiles; queryTile++) {
      rows[queryTile] = new double[grid.lastVisibleKeyTile(queryTile) + 1];
      for (int keyTile = 0; keyTile < rows[queryTile].length; keyTile++) {
        rows[queryTile][keyTile] = pairs[(head * tiles + queryTile) * tiles + keyTile];
      }
    }
    return rows;
  }

  @Override
  public void close() {
    output.close();
    rowDot.close();
    queries.close();
    keys.close();
    values.close();
    mass.close();
    influence.close();
    entropyBits.close();
    heavyTile.close();
    heavyInfluence.close();
  }
}
