package io.sparseplan.profiler.attention;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;

/**
 * One layer's keys and values in the roles that {@link PackedKeyValues} does not have them in, as
 * the backward pass needs them. Values: panels of keys, {@code [headDim][panel rows]}, for ∂L/∂A =
 * V·Gᵀ. Rotated keys: panels of head_dim elements, {@code [key][panel rows]}, for ∂L/∂Q. Keys
 * beyond the length are zeros.
 */
final class PackedBackwardKeyValues {
  private final PackedKeyValues forward;
  private final float[][][] values;
  private final float[][][] keys;

  /** Room for the layers of one prompt, one after the other. */
  PackedBackwardKeyValues(PackedKeyValues forward) {
    this.forward = forward;
    int headDim = forward.shape().headDim().count();
    int tile = forward.grid().tile().tokens();
    int tiles = forward.grid().tiles();
    int kvHeads = forward.shape().kvHeads().count();
    values = new float[kvHeads][tiles][forward.keySplit().paddedRows() * headDim];
    keys = new float[kvHeads][tiles][forward.valueSplit().paddedRows() * tile];
  }

  /**
   * Packs a layer.
   *
   * @param k key projections before rotation, {@code [token][kvHead · headDim]}
   * @param v value projections, likewise
   */
  void pack(Activations k, Activations v, RotaryTable rotary, Workers workers) {
    int tiles = forward.grid().tiles();
    int headDim = forward.shape().headDim().count();
    float[][] scratch = new float[workers.count()][headDim];
    workers.forEach(
        forward.shape().kvHeads().count() * tiles,
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
    int tile = forward.grid().tile().tokens();
    int first = forward.grid().firstToken(tileIndex);
    for (int token = first; token < forward.grid().endToken(tileIndex); token++) {
      int row = token - first;
      rotary.rotate(token, k.data(), k.at(token) + kvHead * headDim, rotated);
      forward.valueSplit().putColumn(keys[kvHead][tileIndex], tile, row, rotated, 0);
      forward
          .keySplit()
          .putRow(
              values[kvHead][tileIndex],
              headDim,
              row,
              0,
              v.data(),
              v.at(token) + kvHead * headDim,
              headDim);
    }
  }

  float[] values(int kvHead, int tileIndex) {
    return values[kvHead][tileIndex];
  }

  float[] keys(int kvHead, int tileIndex) {
    return keys[kvHead][tileIndex];
  }
}
