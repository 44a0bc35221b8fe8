package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.PanelSplit;

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
  }

  /**
   * Packs a layer.
   *
   * @param k key projections before rotation, {@code [token][kvHead · headDim]}
   * @param v value projections, likewise
   */
  public void pack(Activations k, Activations v, RotaryTable rotary, Workers workers) {
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
    float[] keyPanels = keys[kvHead][tileIndex];
    for (int panel = 0; panel < keySplit.panels(); panel++) {
      int row = keySplit.firstRow(panel);
      int rows = keySplit.rowsOf(panel);
      for (int r = 0; r < rows && row + r < count; r++) {
        int token = first + row + r;
        rotary.rotate(token, k.data(), k.at(token) + kvHead * headDim, rotated);
        for (int d = 0; d < headDim; d++) {
          keyPanels[row * headDim + d * rows + r] = rotated[d];
        }
      }
    }
    float[] valuePanels = values[kvHead][tileIndex];
    for (int panel = 0; panel < valueSplit.panels(); panel++) {
      int row = valueSplit.firstRow(panel);
      int rows = valueSplit.rowsOf(panel);
      int width = Math.min(rows, headDim - row);
      for (int key = 0; key < count; key++) {
        System.arraycopy(
            v.data(),
            v.at(first + key) + kvHead * headDim + row,
            valuePanels,
            row * tile + key * rows,
            width);
      }
    }
  }

  AttentionShape shape() {
    return shape;
  }

  TileGrid grid() {
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
