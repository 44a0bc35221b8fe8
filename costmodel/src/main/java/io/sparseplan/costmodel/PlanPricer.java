package io.sparseplan.costmodel;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.DenseWins;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.SelectedTiles;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Prices the prefill of all layers of a plan, each within its own reach.
 *
 * @param patternOfHead what each query head runs, in layer-major order
 * @param tiles that selected patterns among them visit
 */
public record PlanPricer(
    DeviceTable table,
    AttentionRuntime runtime,
    ModelIdentity model,
    Layout layout,
    List<Pattern> patternOfHead,
    SelectedTiles tiles) {
  /** Lengths tried for {@link #denseWins} between one and its double. */
  private static final int LENGTHS_OF_OCTAVE = 8;

  /** Blocks of one layer that are simulated for {@link #denseWins} at most. */
  private static final long MOST_BLOCKS = 1 << 21;

  public PlanPricer {
    patternOfHead = List.copyOf(patternOfHead);
    if (patternOfHead.size() != model.headCount()) {
      throw new IllegalArgumentException(
          "There are patterns of %d heads; the model has %d."
              .formatted(patternOfHead.size(), model.headCount()));
    }
  }

  /** The times of a workload. */
  public PlanTime of(Workload workload) {
    HeadOffers offers = HeadOffers.ofPlan(patternOfHead, tiles);
    return PlanTime.of(this, workload, offers, pricers(workload, offers));
  }

  /**
   * What the time of each layer is made of, by length of the workload, then by layer. Layers of
   * equal heads are one object.
   */
  public List<List<LayerTime>> layerTimes(Workload workload) {
    HeadOffers offers = HeadOffers.ofPlan(patternOfHead, tiles);
    Map<AttentionReach, AttentionPricer> pricers = pricers(workload, offers);
    List<AttentionReach> reach = model.reachOfLayers();
    return IntStream.range(0, workload.lengths().size())
        .mapToObj(
            n -> {
              Map<List<Object>, LayerTime> known = new HashMap<>();
              return IntStream.range(0, reach.size())
                  .mapToObj(
                      layer -> {
                        int[] choice = choice(layer, offers);
                        return known.computeIfAbsent(
                            List.of(reach.get(layer), Arrays.stream(choice).boxed().toList()),
                            key -> pricers.get(reach.get(layer)).layerTime(n, choice));
                      })
                  .toList();
            })
        .toList();
  }

  private Map<AttentionReach, AttentionPricer> pricers(Workload workload, HeadOffers offers) {
    Map<AttentionReach, AttentionPricer> pricers = new LinkedHashMap<>();
    for (AttentionReach reach : model.reachOfLayers()) {
      pricers.computeIfAbsent(
          reach,
          far ->
              new AttentionPricer(
                  table, runtime, model.attention(), far, layout, workload, offers));
    }
    return pricers;
  }

  /** What the heads of a layer run. */
  int[] choice(int layer, HeadOffers offers) {
    int heads = model.attention().queryHeads().count();
    return IntStream.range(layer * heads, (layer + 1) * heads)
        .map(place -> offers.indexOf(patternOfHead.get(place), place))
        .toArray();
  }

  /**
   * Where dense wins, by bisection, as if the two were equal at one length alone. Tried are
   * multiples of the tile, eight to an octave, up to twice the longest length of the workload, or
   * as far as a layer has no more than two million blocks. Patterns that are chosen at run time,
   * and videos, are tried at the lengths of the workload alone.
   *
   * @param longest no longer one is tried, as the plan runs dense there itself
   */
  public DenseWins denseWins(Workload workload, Optional<Tokens> longest) {
    List<Tokens> lengths = lengthsToTry(workload, longest);
    int planWins = lengths.size();
    int denseWins = -1;
    for (int at = lengths.size() - 1; planWins - denseWins > 1; at = (planWins + denseWins) / 2) {
      if (isFaster(lengths.get(at), workload.batch())) {
        planWins = at;
      } else {
        denseWins = at;
      }
    }
    return new DenseWins(
        planWins == lengths.size() ? Optional.empty() : Optional.of(lengths.get(planWins)),
        lengths.getLast());
  }

  private boolean isFaster(Tokens length, int batch) {
    PlanTime time = of(Workload.prefill(batch, List.of(length)));
    double fastest =
        time.dense(0).stream().mapToDouble(dense -> dense.millis()).min().orElseThrow();
    // Sums in another order, of layers that run dense either way, differ in their last bits.
    return time.millis(0) < fastest * (1 - 1e-9);
  }

  private List<Tokens> lengthsToTry(Workload workload, Optional<Tokens> mostTokens) {
    boolean selects = patternOfHead.stream().anyMatch(SelectedPattern.class::isInstance);
    if (selects || layout.video().isPresent()) {
      return workload.lengths().stream().map(Workload.Entry::length).sorted().toList();
    }
    Tokens longest =
        workload.lengths().stream()
            .map(Workload.Entry::length)
            .max(Tokens::compareTo)
            .orElseThrow();
    long headsOfBatch = (long) workload.batch() * model.attention().queryHeads().count();
    TileSize tile = layout.tile();
    long mostTiles =
        Math.clamp(
            2L * tile.tilesCovering(longest.count()),
            1,
            Math.clamp(MOST_BLOCKS / headsOfBatch, 1, Launch.MOST_TILES));
    int allowed =
        mostTokens.map(most -> Math.max(1, most.count() / tile.tokens())).orElse(Launch.MOST_TILES);
    mostTiles = Math.min(mostTiles, allowed);
    var tiles = new TreeSet<Integer>();
    double step = Math.pow(2, 1.0 / LENGTHS_OF_OCTAVE);
    for (double count = 1; count <= mostTiles; count *= step) {
      tiles.add((int) count);
    }
    tiles.add((int) mostTiles);
    return tiles.stream().map(count -> Tokens.of(count * tile.tokens())).toList();
  }
}
