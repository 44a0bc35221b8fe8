package io.sparseplan.search.problem;

import io.sparseplan.costmodel.HeadOffers;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.CachedKeys;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a layer holds of prompts in its key-value cache, once they are read. The query heads that
 * read one key-value head share its keys, so these are the union of what each needs.
 */
public final class LayerCache {
  /** A key and a value, of two bytes an element: half precision. */
  private static final int BYTES_OF_ELEMENTS = 2 * 2;

  private final AttentionShape attention;
  private final int batch;
  private final List<Tokens> denseKeys;
  private final List<List<CachedKeys>> keys;

  /** The offers are what {@code candidate} stands for here. */
  public LayerCache(
      AttentionShape attention,
      AttentionReach reach,
      Layout layout,
      Workload workload,
      HeadOffers offers) {
    this.attention = attention;
    this.batch = workload.batch();
    List<TileGrid> grids =
        workload.lengths().stream().map(entry -> layout.grid(entry.length())).toList();
    this.denseKeys = grids.stream().map(grid -> denseKeys(reach, grid)).toList();
    this.keys = grids.stream().map(grid -> keys(offers, grid)).toList();
  }

  private static Tokens denseKeys(AttentionReach reach, TileGrid grid) {
    int last = grid.length().count() - 1;
    return Tokens.of(grid.length().count() - reach.firstKey(last));
  }

  private static List<CachedKeys> keys(HeadOffers offers, TileGrid grid) {
    return IntStream.range(0, offers.count())
        .mapToObj(offer -> CachedKeys.of(offers.pattern(offer), grid))
        .toList();
  }

  /** Bytes that the layer holds ÷ those that it holds dense, 0..1. */
  double ratio(int lengthIndex, int[] candidateOfHead) {
    int shared = attention.groupSize();
    long count = 0;
    for (int first = 0; first < candidateOfHead.length; first += shared) {
      CachedKeys ofGroup = keys.get(lengthIndex).get(candidateOfHead[first]);
      for (int head = first + 1; head < first + shared; head++) {
        ofGroup = ofGroup.union(keys.get(lengthIndex).get(candidateOfHead[head]));
      }
      count += ofGroup.count(denseKeys.get(lengthIndex));
    }
    return count / (double) ofDense(lengthIndex);
  }

  /** What one query head adds to that at least. */
  double leastRatio(int lengthIndex, int candidate) {
    double count = keys.get(lengthIndex).get(candidate).count(denseKeys.get(lengthIndex));
    return count / attention.groupSize() / ofDense(lengthIndex);
  }

  /** Whether a layer holds exactly what its heads do. */
  boolean addsUp() {
    return attention.groupSize() == 1;
  }

  /** Bytes that a layer holds dense, of all prompts of the batch. */
  double denseBytes(int lengthIndex) {
    return (double) batch * ofDense(lengthIndex) * attention.headDim().count() * BYTES_OF_ELEMENTS;
  }

  private long ofDense(int lengthIndex) {
    return (long) attention.kvHeads().count() * denseKeys.get(lengthIndex).count();
  }
}
