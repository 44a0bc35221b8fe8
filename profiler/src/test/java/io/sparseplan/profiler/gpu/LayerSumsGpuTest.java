package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.LineScores;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.profiler.attention.LayerSums;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums that rules read, against the same in float64 on the same bf16 queries and keys. */
@GpuTest
class LayerSumsGpuTest {
  /** Of float sums over a head of exact products; exponentials double what the scores are off. */
  private static final double BOUND = 1e-4;

  private final long seed = System.nanoTime();

  @ParameterizedTest(name = "{0}/{1} heads of {2}, tile {3}, {4} tokens, reach {5}")
  @CsvSource({
    "1, 1,  64,  64,    1, 9999",
    "2, 1,  64,  64,  129, 9999",
    "4, 2,  64, 128,  777, 9999",
    "4, 1, 128,  64,  500, 9999",
    "6, 2, 128, 128,  700, 9999",
    "2, 2, 128, 128, 1913, 9999",
    "2, 2,  64,  64,  500,  100",
    "2, 1, 128, 128,  900,  300"
  })
  void sumsAreThoseOfTheSameQueriesAndKeys(
      int queryHeads, int kvHeads, int headDim, int tile, int tokens, int reach) {
    RandomCausalLayer layer =
        RandomCausalLayer.of(queryHeads, kvHeads, headDim, tile, tokens, reach, seed);
    PrefillShape shape = layer.shape();
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        PrefillBuffers buffers = PrefillBuffers.allocate(gpu, List.of(shape));
        GpuLayerSums kernels =
            GpuLayerSums.load(gpu, shape.attention().headDim(), shape.grid().tile())) {
      layer.upload(buffers);
      LayerSums sums = kernels.of(shape, buffers);
      for (int head = 0; head < queryHeads; head++) {
        var reference = new Reference(layer, reach, head);
        LineScores lines = sums.lines(head).orElseThrow();
        assertNear("columns", doubles(lines.columns()), reference.columns());
        assertNear("diagonals", doubles(lines.diagonals()), reference.diagonals());
        assertRowsNear("pools", sums.pooledLogits(head).orElseThrow(), reference.pooledLogits());
        for (int stride : new int[] {4, 8, 16, 64}) {
          assertRowsNear(
              "stride " + stride,
              sums.antidiagonals(head, stride).orElseThrow(),
              reference.antidiagonals(stride));
        }
        assertThat(sums.antidiagonals(head, 1).isEmpty())
            .as("more groups than a block has")
            .isEqualTo(tile > 64);
        assertThat(sums.antidiagonals(head, 24)).as("does not divide the tile").isEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource("4, 2")
  void otherThreadsMayAsk(int queryHeads, int kvHeads)
      throws InterruptedException, ExecutionException {
    RandomCausalLayer layer = RandomCausalLayer.of(queryHeads, kvHeads, 64, 64, 333, 9999, seed);
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        PrefillBuffers buffers = PrefillBuffers.allocate(gpu, List.of(layer.shape()));
        GpuLayerSums kernels =
            GpuLayerSums.load(
                gpu, layer.shape().attention().headDim(), layer.shape().grid().tile());
        var threads = Executors.newFixedThreadPool(2)) {
      layer.upload(buffers);
      LayerSums sums = kernels.of(layer.shape(), buffers);
      var first = threads.submit(() -> sums.antidiagonals(0, 8).orElseThrow());
      var second = threads.submit(() -> sums.antidiagonals(3, 8).orElseThrow());
      assertRowsNear("first", first.get(), new Reference(layer, 9999, 0).antidiagonals(8));
      assertRowsNear("second", second.get(), new Reference(layer, 9999, 3).antidiagonals(8));
    }
  }

  private static double[] doubles(float[] values) {
    double[] all = new double[values.length];
    Arrays.setAll(all, i -> values[i]);
    return all;
  }

  private void assertRowsNear(String what, double[][] got, double[][] want) {
    assertThat(got).as(what).hasNumberOfRows(want.length);
    for (int row = 0; row < want.length; row++) {
      assertNear(what + " of query tile " + row, got[row], want[row]);
    }
  }

  /** ‖got − want‖ ÷ ‖want‖; what is −∞ must be it on both sides. */
  private void assertNear(String what, double[] got, double[] want) {
    assertThat(got).as(what).hasSameSizeAs(want);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < want.length; i++) {
      if (Double.isInfinite(want[i])) {
        assertThat(got[i]).as("%s, place %d", what, i).isEqualTo(want[i]);
      } else {
        assertThat(got[i]).as("%s, place %d", what, i).isFinite();
        error += Math.pow(got[i] - want[i], 2);
        norm += want[i] * want[i];
      }
    }
    assertThat(Math.sqrt(error)).as("%s, seed %d", what, seed).isLessThan(BOUND * Math.sqrt(norm));
  }

  /** Slow and obvious, of one head. */
  private static final class Reference {
    private final RandomCausalLayer layer;
    private final TileGrid grid;
    private final int headDim;
    private final int tokens;
    private final int reach;
    private final int firstQuery;
    private final int firstKey;

    Reference(RandomCausalLayer layer, int reach, int head) {
      this.layer = layer;
      this.grid = layer.shape().grid();
      this.headDim = layer.shape().attention().headDim().count();
      this.tokens = grid.length().count();
      this.reach = reach;
      this.firstQuery = head * tokens * headDim;
      this.firstKey = head / layer.shape().attention().groupSize() * tokens * headDim;
    }

    private double query(int token, int d) {
      return token < tokens ? Bf16.toFloat(layer.queries()[firstQuery + token * headDim + d]) : 0;
    }

    private double key(int token, int d) {
      return token < tokens ? Bf16.toFloat(layer.keys()[firstKey + token * headDim + d]) : 0;
    }

    private double score(int query, int key) {
      double sum = 0;
      for (int d = 0; d < headDim; d++) {
        sum += query(query, d) * key(key, d);
      }
      return sum / Math.sqrt(headDim);
    }

    private double[] weights(int query) {
      double[] weights = new double[query + 1];
      int first = Math.max(0, query - reach + 1);
      double sum = 0;
      for (int key = first; key <= query; key++) {
        weights[key] = Math.exp(score(query, key));
        sum += weights[key];
      }
      for (int key = first; key <= query; key++) {
        weights[key] /= sum;
      }
      return weights;
    }

    double[] columns() {
      double[] sums = new double[tokens];
      for (int query = lastQueries(); query < tokens; query++) {
        double[] weights = weights(query);
        for (int key = 0; key <= query; key++) {
          sums[key] += weights[key];
        }
      }
      return sums;
    }

    double[] diagonals() {
      double[] sums = new double[tokens];
      for (int query = lastQueries(); query < tokens; query++) {
        double[] weights = weights(query);
        for (int key = 0; key <= query; key++) {
          sums[query - key] += weights[key];
        }
      }
      return sums;
    }

    private int lastQueries() {
      return Math.max(0, tokens - VerticalSlash.LAST_QUERIES);
    }

    private boolean hides(int keyTile, int queryTile) {
      return grid.endToken(keyTile) <= grid.firstToken(queryTile) - reach + 1;
    }

    double[][] pooledLogits() {
      double[][] logits = new double[grid.tiles()][];
      for (int queryTile = 0; queryTile < logits.length; queryTile++) {
        logits[queryTile] = new double[queryTile + 1];
        for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
          logits[queryTile][keyTile] =
              hides(keyTile, queryTile)
                  ? Double.NEGATIVE_INFINITY
                  : productOfMeans(queryTile, keyTile);
        }
      }
      return logits;
    }

    private double productOfMeans(int queryTile, int keyTile) {
      double product = 0;
      for (int d = 0; d < headDim; d++) {
        double query = 0;
        for (int token = grid.firstToken(queryTile); token < grid.endToken(queryTile); token++) {
          query += query(token, d) / (grid.endToken(queryTile) - grid.firstToken(queryTile));
        }
        double key = 0;
        for (int token = grid.firstToken(keyTile); token < grid.endToken(keyTile); token++) {
          key += key(token, d) / (grid.endToken(keyTile) - grid.firstToken(keyTile));
        }
        product += query * key;
      }
      return product / Math.sqrt(headDim);
    }

    double[][] antidiagonals(int stride) {
      double[][] estimate = new double[grid.tiles()][];
      Arrays.setAll(estimate, queryTile -> new double[queryTile + 1]);
      int groupsOfTile = grid.tile().tokens() / stride;
      for (int group = 0; group < Math.ceilDiv(tokens, stride); group++) {
        int queryTile = group / groupsOfTile;
        double[] weights = new double[group + 1];
        double sum = 0;
        for (int other = 0; other <= group; other++) {
          if (!hides(other / groupsOfTile, queryTile)) {
            weights[other] = Math.exp(antidiagonal(group, other, stride));
            sum += weights[other];
          }
        }
        for (int other = 0; other <= group; other++) {
          estimate[queryTile][other / groupsOfTile] += weights[other] / sum;
        }
      }
      return estimate;
    }

    private double antidiagonal(int queryGroup, int keyGroup, int stride) {
      double sum = 0;
      for (int nth = 0; nth < stride; nth++) {
        for (int d = 0; d < headDim; d++) {
          sum += query(queryGroup * stride + stride - 1 - nth, d) * key(keyGroup * stride + nth, d);
        }
      }
      return sum / (Math.sqrt(headDim) * stride);
    }
  }
}
