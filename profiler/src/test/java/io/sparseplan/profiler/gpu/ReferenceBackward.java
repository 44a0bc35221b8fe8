package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * Dense causal attention of one head and its way back in float64, straight from the definitions:
 * what the kernels are compared with.
 *
 * @param headDim elements of a row
 * @param grid its tokens and tiles
 * @param reach how many keys a query sees
 */
record ReferenceBackward(
    int headDim,
    TileGrid grid,
    int reach,
    short[] queries,
    short[] keys,
    short[] values,
    short[] gradients) {

  /**
   * @param queryGradients of scores that were divided by √headDim, {@code [token][headDim]}
   * @param influence of MoA, over pairs of tiles
   */
  record Found(
      double[] output,
      double[] logSumExp,
      double[] rowDot,
      double[] queryGradients,
      double[] keyGradients,
      double[] valueGradients,
      double[][] mass,
      double[][] influence,
      double entropyBits) {}

  Found run() {
    int tokens = grid.length().count();
    double scale = 1 / Math.sqrt(headDim);
    var output = new double[tokens * headDim];
    var logSumExp = new double[tokens];
    var rowDot = new double[tokens];
    var ofQueries = new double[tokens * headDim];
    var ofKeys = new double[tokens * headDim];
    var ofValues = new double[tokens * headDim];
    var mass = new double[grid.tiles()][grid.tiles()];
    var influence = new double[grid.tiles()][grid.tiles()];
    double bits = 0;
    for (int query = 0; query < tokens; query++) {
      int first = Math.max(0, query - reach + 1);
      double[] weight = weights(query, first);
      double sum = 0;
      for (double one : weight) {
        sum += one;
      }
      logSumExp[query] = Math.log(sum);
      for (int key = first; key <= query; key++) {
        weight[key - first] /= sum;
        for (int d = 0; d < headDim; d++) {
          output[query * headDim + d] += weight[key - first] * at(values, key, d);
        }
      }
      for (int d = 0; d < headDim; d++) {
        rowDot[query] += output[query * headDim + d] * at(gradients, query, d);
      }
      for (int key = first; key <= query; key++) {
        double a = weight[key - first];
        double change = a * (dot(gradients, query, values, key) - rowDot[query]);
        for (int d = 0; d < headDim; d++) {
          ofQueries[query * headDim + d] += scale * change * at(keys, key, d);
          ofKeys[key * headDim + d] += scale * change * at(queries, query, d);
          ofValues[key * headDim + d] += a * at(gradients, query, d);
        }
        int queryTile = query / grid.tile().tokens();
        int keyTile = key / grid.tile().tokens();
        mass[queryTile][keyTile] += a;
        influence[queryTile][keyTile] += query == first ? 0 : Math.abs(change / (1 - a));
        bits -= a > 0 ? a * Math.log(a) / Math.log(2) : 0;
      }
    }
    return new Found(output, logSumExp, rowDot, ofQueries, ofKeys, ofValues, mass, influence, bits);
  }

  private double[] weights(int query, int first) {
    var weight = new double[query - first + 1];
    for (int key = first; key <= query; key++) {
      weight[key - first] = Math.exp(dot(queries, query, keys, key) / Math.sqrt(headDim));
    }
    return weight;
  }

  private double dot(short[] a, int rowOfA, short[] b, int rowOfB) {
    double sum = 0;
    for (int d = 0; d < headDim; d++) {
      sum += at(a, rowOfA, d) * at(b, rowOfB, d);
    }
    return sum;
  }

  private double at(short[] rows, int row, int d) {
    return Bf16.toFloat(rows[row * headDim + d]);
  }
}
