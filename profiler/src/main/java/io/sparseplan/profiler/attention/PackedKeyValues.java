package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.PanelSplit;
import java.util.Arrays;

/**
 * One layer's rotated keys and its values, tile by tile, as the A operands of the two products of
 * attention. Keys: panels of keys, {@code [headDim][panel rows]}. Values: panels of head_dim
 * elements, {@code [key][panel rows]}. Keys beyond the length are zeros.
 */
public final class PackedKeyValues {
  private final AttentionShape shape;
  private final TileGrid grid;
  private final PanelSplit keySplit;
  private final PanelSplit valueSplit;
  private final float[][][] keys;
  private final float[][][] values;
  private final double[][][] meanKeys;
  private AttentionReach reach = new AttentionReach.Everything();

  /** Room for the layers of one prompt, one after the other. */
  public PackedKeyValues(AttentionShape shape, TileGrid grid) {
    this.shape = shape;
    this.grid = grid;
    int headDim = shape.headDim().count();
    int tile = grid.tile().tokens();
    keySplit = PanelSplit.of(tile);
    valueSplit = PanelSplit.of(headDim);
    keys = new float[shape.kvHeads().count()][grid.tiles()][keySplit.paddedRows() * headDim];
    values = new float[shape.kvHeads().count()][grid.tiles()][valueSplit.paddedRows() * tile];
    meanKeys = new double[shape.kvHeads().count()][grid.tiles()][headDim];
  }

  /** Packs a layer that sees every earlier key. */
  public void pack(Activations k, Activations v, RotaryTable rotary, Workers workers) {
    pack(k, v, rotary, new AttentionReach.Everything(), workers);
  }

  /**
   * Packs a layer.
   *
   * @param k key projections before rotation, {@code [token][kvHead · headDim]}
   * @param v value projections, likewise
   * @param reachOfLayer keys beyond it are hidden from queries, whatever tiles they visit
   */
  public void pack(
      Activations k,
      Activations v,
      RotaryTable rotary,
      AttentionReach reachOfLayer,
      Workers workers) {
    reach = reachOfLayer;
    int tiles = grid.tiles();
    int headDim = shape.headDim().count();
    float[][] scratch = new float[workers.count()][headDim];
    workers.forEach(
        shape.kvHeads().count() * tiles,
        (unit, worker) -> packTile(unit / tiles, unit % tiles, k, v, rotary, scratch[worker]));
  }

  private void packTile(
      int kvHead,
      int tileIndex,
      Activations k,
      Activations v,
      RotaryTable rotary,
      float[] rotated) {
    int headDim = rotated.length;
    int tile = grid.tile().tokens();
    int first = grid.firstToken(tileIndex);
    int count = grid.endToken(tileIndex) - first;
    double[] mean = meanKeys[kvHead][tileIndex];
    Arrays.fill(mean, 0);
    for (int row = 0; row < count; row++) {
      int token = first + row;
      rotary.rotate(token, k.data(), k.at(token) + kvHead * headDim, rotated);
      keySplit.putRow(keys[kvHead][tileIndex], headDim, row, 0, rotated, 0, headDim);
      for (int d = 0; d < headDim; d++) {
        mean[d] += rotated[d] / (double) count;
      }
      valueSplit.putColumn(
          values[kvHead][tileIndex], tile, row, v.data(), v.at(token) + kvHead * headDim);
    }
  }

  /** How far back the queries of the packed layer see. */
  public AttentionReach reach() {
    return reach;
  }

  /** Whether every key of the tile is beyond the reach of every query of the other. */
  public boolean hides(int keyTile, int queryTile) {
    return grid.endToken(keyTile) <= reach.firstKey(grid.firstToken(queryTile));
  }

  /** The mean of the rotated keys of a tile. */
  double[] meanKey(int kvHead, int tileIndex) {
    return meanKeys[kvHead][tileIndex];
  }

  /** The rotated key of one token, of headDim floats. */
  void copyKey(int kvHead, int token, float[] into) {
    int tile = grid.tile().tokens();
    keySplit.takeRow(keys[kvHead][token / tile], into.length, token % tile, into);
  }

  /** The value of one token, of headDim floats. */
  void copyValue(int kvHead, int token, float[] into) {
    int tile = grid.tile().tokens();
    valueSplit.takeColumn(values[kvHead][token / tile], tile, token % tile, into);
  }

  AttentionShape shape() {
    return shape;
  }

  /** The tiles that are packed. */
  public TileGrid grid() {
    return grid;
  }

  PanelSplit keySplit() {
    return keySplit;
  }

  PanelSplit valueSplit() {
    return valueSplit;
  }

  float[] keys(int kvHead, int tileIndex) {
    return keys[kvHead][tileIndex];
  }

  float[] values(int kvHead, int tileIndex) {
    return values[kvHead][tileIndex];
  }
}
