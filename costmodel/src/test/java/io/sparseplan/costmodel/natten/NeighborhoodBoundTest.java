package io.sparseplan.costmodel.natten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.NeighborhoodAxis;
import io.sparseplan.plans.geometry.Visibility;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeighborhoodBoundTest {
  private static final double HUNYUAN_SHARE = 0.607;
  private static final double COSMOS_SHARE = 0.587;
  private static final double FLUX_SHARE = 0.518;

  /** Appendix B.1's tables: stride, bound of the attention, and bound of the model. */
  @ParameterizedTest
  @CsvSource({
    "1 1 1, 3.27, 1.73",
    "2 1 1, 3.60, 1.78",
    "1 1 8, 5.45, 1.98",
    "2 1 8, 6.00, 2.02",
    "1 8 8, 9.09, 2.18",
    "2 8 8, 10.0, 2.20",
    "16 8 8, 11.11, 2.23",
    "18 24 24, 6.67, 2.07"
  })
  void hunyuanWithItsSmallWindow(String stride, double attention, double endToEnd) {
    assertBound(
        bound("30 48 80", "18 24 24", stride, "4 8 8", "2 8 8"),
        HUNYUAN_SHARE,
        attention,
        endToEnd);
  }

  @ParameterizedTest
  @CsvSource({"1 1 1, 1.43, 1.22", "1 1 8, 2.0, 1.44", "1 32 8, 2.4, 1.55", "30 40 40, 2.0, 1.44"})
  void hunyuanWithItsLargeWindow(String stride, double attention, double endToEnd) {
    assertBound(
        bound("30 48 80", "30 40 40", stride, "2 16 8", "2 8 8"),
        HUNYUAN_SHARE,
        attention,
        endToEnd);
  }

  @ParameterizedTest
  @CsvSource({"1 1 1, 5.24, 1.90", "1 8 1, 6.11, 1.96", "1 1 16, 7.86, 2.05", "1 8 16, 9.17, 2.10"})
  void cosmos(String stride, double attention, double endToEnd) {
    assertBound(
        bound("16 44 80", "16 24 16", stride, "8 4 8", "4 4 8"), COSMOS_SHARE, attention, endToEnd);
  }

  @ParameterizedTest
  @CsvSource({"1 1, 6.10, 1.76", "16 1, 8.53, 1.84", "16 16, 10.24, 1.88"})
  void flux(String stride, double attention, double endToEnd) {
    assertBound(
        bound("256 256", "80 80", stride, "16 16", "16 8"), FLUX_SHARE, attention, endToEnd);
  }

  private static void assertBound(
      NeighborhoodBound bound, double share, double attention, double endToEnd) {
    assertThat(bound.attentionSpeedUp()).isCloseTo(attention, within(0.02));
    assertThat(bound.endToEndSpeedUp(share)).isCloseTo(endToEnd, within(0.02));
  }

  @Test
  void theCurvesThatTheAuthorsCallFullyBlockSparseAre() {
    assertThat(bound("30 48 80", "18 24 24", "16 8 8", "4 8 8", "2 8 8").fullyBlockSparse())
        .isTrue();
    assertThat(bound("256 256", "80 80", "16 16", "16 16", "16 8").fullyBlockSparse()).isTrue();
    assertThat(bound("30 48 80", "18 24 24", "1 1 1", "4 8 8", "2 8 8").fullyBlockSparse())
        .isFalse();
    assertThat(bound("256 256", "80 80", "16 1", "16 16", "16 8").fullyBlockSparse()).isFalse();
  }

  @Test
  void theWorstTileIsThatOfAWalkOverAllTilesAndTokens() {
    for (int length : new int[] {1, 5, 12, 17}) {
      for (int window = 1; window <= length; window += 2) {
        for (int stride = 1; stride <= window; stride += 3) {
          for (int tiles : new int[] {1, 3, 4}) {
            for (Visibility visibility : Visibility.values()) {
              var axis = axis(length, window, stride, 1, visibility);
              var cut = new AxisTiles(axis, queries(tiles), keys(5 - tiles));
              assertThat(cut.worstVisits(KvTiling.STATIC))
                  .as(cut.toString())
                  .isEqualTo(walkedWorst(cut));
              assertThat(cut.worstVisits(KvTiling.DYNAMIC))
                  .isLessThanOrEqualTo(cut.worstVisits(KvTiling.STATIC));
            }
          }
        }
      }
    }
  }

  /** Of each query tile the key tiles with a key that any of its queries sees. */
  private static int walkedWorst(AxisTiles cut) {
    int length = cut.axis().length().coordinates();
    int queries = cut.queryTile().queries();
    int keys = cut.kvTile().keys();
    int worst = 0;
    for (int tile = 0; tile * queries < length; tile++) {
      int first = tile * queries;
      int end = Math.min(first + queries, length);
      long visited =
          IntStream.range(0, cut.denseVisits())
              .filter(
                  keyTile ->
                      IntStream.range(first, end)
                          .anyMatch(
                              query ->
                                  IntStream.range(
                                          keyTile * keys, Math.min((keyTile + 1) * keys, length))
                                      .anyMatch(key -> cut.axis().sees(query, key))))
              .count();
      worst = Math.max(worst, (int) visited);
    }
    return worst;
  }

  @Test
  void noTileOfAFullyBlockSparseAxisIsSeenInPart() {
    int found = 0;
    for (int length = 1; length <= 24; length++) {
      for (int window = 1; window <= length; window++) {
        for (int stride = 1; stride <= window; stride++) {
          for (int queries : new int[] {1, 2, 4}) {
            for (int keys : new int[] {1, 2, 4}) {
              var axis = axis(length, window, stride, 1, Visibility.BIDIRECTIONAL);
              var cut = new AxisTiles(axis, queries(queries), keys(keys));
              if (cut.fullyBlockSparse() && stride % keys == 0) {
                found++;
                assertThat(hasPartialTile(cut)).as(cut.toString()).isFalse();
              }
            }
          }
        }
      }
    }
    assertThat(found).isGreaterThan(500);
  }

  private static boolean hasPartialTile(AxisTiles cut) {
    int length = cut.axis().length().coordinates();
    int queries = cut.queryTile().queries();
    int keys = cut.kvTile().keys();
    for (int query = 0; query < length; query++) {
      for (int tile = 0; tile < cut.denseVisits(); tile++) {
        int firstQuery = query / queries * queries;
        boolean visited = false;
        boolean whole = true;
        for (int q = firstQuery; q < Math.min(firstQuery + queries, length); q++) {
          for (int key = tile * keys; key < Math.min((tile + 1) * keys, length); key++) {
            boolean sees = cut.axis().sees(q, key);
            visited |= sees;
            whole &= sees;
          }
        }
        if (visited && !whole) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void causalAndDilatedAxesAreNeverFullyBlockSparse() {
    var causal = axis(16, 8, 8, 1, Visibility.CAUSAL);
    var dilated = axis(16, 8, 8, 2, Visibility.BIDIRECTIONAL);
    assertThat(new AxisTiles(causal, queries(8), keys(8)).fullyBlockSparse()).isFalse();
    assertThat(new AxisTiles(dilated, queries(8), keys(8)).fullyBlockSparse()).isFalse();
  }

  @Test
  void aDilatedAxisVisitsTheTilesOfItsLargestGroup() {
    var axis = axis(22, 5, 1, 3, Visibility.BIDIRECTIONAL);
    var cut = new AxisTiles(axis, queries(4), keys(4));
    var group = axis(8, 5, 1, 1, Visibility.BIDIRECTIONAL);
    assertThat(cut.worstVisits(KvTiling.STATIC))
        .isEqualTo(new AxisTiles(group, queries(4), keys(4)).worstVisits(KvTiling.STATIC));
    assertThat(cut.denseVisits()).isEqualTo(6);
  }

  @Test
  void aWindowAsLongAsTheAxisSavesNothing() {
    NeighborhoodBound dense = bound("12 40", "12 40", "1 1", "4 8", "4 8");
    assertThat(dense.attentionSpeedUp()).isEqualTo(1);
    assertThat(dense.endToEndSpeedUp(0.6)).isCloseTo(1, within(1e-12));
    assertThat(dense.fullyBlockSparse()).isTrue();
  }

  @Test
  void impossibleSharesAndEmptyBoundsAreRefused() {
    NeighborhoodBound bound = bound("12", "4", "1", "4", "4");
    for (double share : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> bound.endToEndSpeedUp(share))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("share (" + share);
    }
    assertThatThrownBy(() -> new NeighborhoodBound(List.of(), KvTiling.STATIC))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> queries(0)).hasMessageContaining("query tile (0)");
    assertThatThrownBy(() -> keys(-1)).hasMessageContaining("key tile (-1)");
  }

  private static NeighborhoodBound bound(
      String lengths, String windows, String strides, String queryTiles, String kvTiles) {
    int[] length = integers(lengths);
    int[] window = integers(windows);
    int[] stride = integers(strides);
    int[] queryTile = integers(queryTiles);
    int[] kvTile = integers(kvTiles);
    return new NeighborhoodBound(
        IntStream.range(0, length.length)
            .mapToObj(
                i ->
                    new AxisTiles(
                        axis(length[i], window[i], stride[i], 1, Visibility.BIDIRECTIONAL),
                        queries(queryTile[i]),
                        keys(kvTile[i])))
            .toList(),
        KvTiling.STATIC);
  }

  private static NeighborhoodAxis axis(
      int length, int window, int stride, int dilation, Visibility visibility) {
    return new NeighborhoodAxis(
        new NeighborhoodAxis.Length(length),
        new NeighborhoodAxis.Window(window),
        new NeighborhoodAxis.Stride(stride),
        new NeighborhoodAxis.Dilation(dilation),
        visibility);
  }

  private static AxisTiles.QueryTile queries(int queries) {
    return new AxisTiles.QueryTile(queries);
  }

  private static AxisTiles.KvTile keys(int keys) {
    return new AxisTiles.KvTile(keys);
  }

  private static int[] integers(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
