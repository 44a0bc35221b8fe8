package io.sparseplan.costmodel;

import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Prices the decode steps of all layers of a plan, each within its own reach, and the cache that
 * they read.
 *
 * @param patternOfHead what each query head runs, in layer-major order
 */
public record DecodePlanPricer(
    SplitKvTable table, ModelIdentity model, Layout layout, List<Pattern> patternOfHead) {
  private static final long BYTES_OF_BF16 = 2;

  public DecodePlanPricer {
    patternOfHead = List.copyOf(patternOfHead);
    if (patternOfHead.size() != model.headCount()) {
      throw new IllegalArgumentException(
          "There are patterns of %d heads; the model has %d."
              .formatted(patternOfHead.size(), model.headCount()));
    }
  }

  /**
   * @param layerMicros by length, then by layer
   * @param denseMicros all layers on the same kernel reading every key in reach, by length
   * @param cacheBytes keys and values of all sequences that the cache holds, by length, layer and
   *     KV head
   * @param denseCacheBytes of all layers if every key in reach is held, by length
   */
  public record Times(
      double[][] layerMicros,
      double[] denseMicros,
      long[][][] cacheBytes,
      long[] denseCacheBytes,
      List<String> warnings) {}

  /** The time of one step of each length of a decode workload, and the cache. */
  public Times of(Workload workload) {
    List<Pattern> candidates = patternOfHead.stream().distinct().toList();
    List<AttentionReach> reach = model.reachOfLayers();
    Map<AttentionReach, DecodePricer> pricers = new LinkedHashMap<>();
    for (AttentionReach far : reach) {
      pricers.computeIfAbsent(
          far,
          one -> new DecodePricer(table, model.attention(), one, layout, workload, candidates));
    }
    long bytesOfToken = 2L * model.attention().headDim().count() * BYTES_OF_BF16 * workload.batch();
    int lengths = workload.lengths().size();
    double[][] micros = new double[lengths][reach.size()];
    double[] dense = new double[lengths];
    long[][][] bytes = new long[lengths][reach.size()][];
    long[] denseBytes = new long[lengths];
    for (int n = 0; n < lengths; n++) {
      for (int layer = 0; layer < reach.size(); layer++) {
        DecodePricer pricer = pricers.get(reach.get(layer));
        int[] choice = choice(layer, candidates);
        micros[n][layer] = pricer.layerMicros(n, choice);
        dense[n] += pricer.denseLayerMicros(n);
        bytes[n][layer] = pricer.keptTokens(n, choice);
        for (int head = 0; head < bytes[n][layer].length; head++) {
          bytes[n][layer][head] *= bytesOfToken;
        }
        denseBytes[n] += pricer.denseTokens(n) * bytesOfToken * model.attention().kvHeads().count();
      }
    }
    var warnings = new LinkedHashSet<String>();
    pricers.values().forEach(pricer -> warnings.addAll(pricer.warnings()));
    return new Times(micros, dense, bytes, denseBytes, List.copyOf(warnings));
  }

  private int[] choice(int layer, List<Pattern> candidates) {
    int heads = model.attention().queryHeads().count();
    return patternOfHead.subList(layer * heads, (layer + 1) * heads).stream()
        .mapToInt(candidates::indexOf)
        .toArray();
  }
}
