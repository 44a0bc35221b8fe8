package io.sparseplan.costmodel;

import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
   * @param readBytes those that the step reads, likewise
   * @param denseCacheBytes of all layers if every key in reach is held, by length
   */
  public record Times(
      double[][] layerMicros,
      double[] denseMicros,
      long[][][] cacheBytes,
      long[][][] readBytes,
      long[] denseCacheBytes,
      List<String> warnings) {}

  /** The time of one step of each length of a decode workload, and the cache. */
  public Times of(Workload workload) {
    List<Pattern> patterns = IntStream.range(0, patternOfHead.size()).mapToObj(this::read).toList();
    List<Pattern> candidates = patterns.stream().distinct().toList();
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
    long[][][] held = new long[lengths][reach.size()][];
    long[][][] read = new long[lengths][reach.size()][];
    long[] denseBytes = new long[lengths];
    for (int n = 0; n < lengths; n++) {
      for (int layer = 0; layer < reach.size(); layer++) {
        DecodePricer pricer = pricers.get(reach.get(layer));
        List<Pattern> ofLayer = patterns.subList(layer * heads(), (layer + 1) * heads());
        int[] choice = ofLayer.stream().mapToInt(candidates::indexOf).toArray();
        micros[n][layer] =
            pricer.layerMicros(n, choice)
                + pricer.trafficMicros(choosingBytes(layer, ofLayer, pricer.denseTokens(n)));
        dense[n] += pricer.denseLayerMicros(n);
        held[n][layer] = times(bytesOfToken, pricer.keptTokens(n, choice));
        read[n][layer] = times(bytesOfToken, pricer.readTokens(n, choice));
        denseBytes[n] += pricer.denseTokens(n) * bytesOfToken * model.attention().kvHeads().count();
      }
    }
    var warnings = new LinkedHashSet<String>();
    pricers.values().forEach(pricer -> warnings.addAll(pricer.warnings()));
    return new Times(micros, dense, held, read, denseBytes, List.copyOf(warnings));
  }

  private static long[] times(long factor, long[] counts) {
    return Arrays.stream(counts).map(count -> count * factor).toArray();
  }

  private int heads() {
    return model.attention().queryHeads().count();
  }

  /** What a head reads by: one that no earlier layer chooses for reads every key. */
  private Pattern read(int place) {
    Pattern pattern = patternOfHead.get(place);
    return pattern instanceof TokensOfLayer reader && reader.chosenIn().value() >= place / heads()
        ? new Dense()
        : pattern;
  }

  /**
   * What heads of a layer read and write beside to choose tokens for later layers: scores, and the
   * keys where they do not read all of them anyway.
   */
  private double choosingBytes(int layer, List<Pattern> ofLayer, long keys) {
    double bytes = 0;
    for (int head = 0; head < ofLayer.size(); head++) {
      if (isReadLater(layer, head)) {
        bytes += 2.0 * Float.BYTES * keys;
        if (!ofLayer.get(head).equals(new Dense())) {
          bytes += (double) BYTES_OF_BF16 * model.attention().headDim().count() * keys;
        }
      }
    }
    return bytes;
  }

  private boolean isReadLater(int layer, int head) {
    return IntStream.range(layer + 1, model.layers().count())
        .mapToObj(later -> patternOfHead.get(later * heads() + head))
        .anyMatch(
            pattern ->
                pattern instanceof TokensOfLayer reader && reader.chosenIn().value() == layer);
  }
}
