package io.sparseplan.costmodel;

import io.sparseplan.costmodel.KvStep.Reads;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a step of decoding of one layer reads after each of some lengths: bytes of keys and values,
 * and those that choosing reads and writes. Memory decides the time of a step, and no table is
 * needed to count its bytes.
 *
 * <p>Where it is not known what a head reads, it is every key: of patterns that pick tiles on each
 * prompt, and of {@link TokensOfLayer}, which reads less in layers after the one that chooses.
 */
public final class StepReads {
  private final AttentionShape attention;
  private final Layout layout;
  private final List<ReachedTiles> grids;
  private final List<Pattern> patterns;

  /** Made when a limit asks for them: most searches have none on reads. */
  private final Map<Integer, TileLists> denseOfLength = new ConcurrentHashMap<>();

  private final Map<Offer, Reads> readsOfOffer = new ConcurrentHashMap<>();
  private final Map<Group, Double> bytesOfGroup = new ConcurrentHashMap<>();

  private record Offer(int lengthIndex, int candidate) {}

  /** What the query heads of a group run, in ascending order. */
  private record Group(int lengthIndex, List<Integer> candidates) {}

  /**
   * @param lengths keys so far
   * @param patterns what a head may run; arguments named {@code candidate} index this list
   */
  public StepReads(
      AttentionShape attention,
      AttentionReach reach,
      Layout layout,
      List<Tokens> lengths,
      List<Pattern> patterns) {
    this.attention = attention;
    this.layout = layout;
    this.grids =
        lengths.stream()
            .map(length -> new ReachedTiles(TileGrid.causal(length, layout.tile()), reach))
            .toList();
    this.patterns = List.copyOf(patterns);
  }

  private TileLists dense(int lengthIndex) {
    return denseOfLength.computeIfAbsent(lengthIndex, n -> grids.get(n).of(new Dense()));
  }

  private Reads reads(int lengthIndex, int candidate) {
    return readsOfOffer.computeIfAbsent(new Offer(lengthIndex, candidate), this::reads);
  }

  private Reads reads(Offer offer) {
    return switch (patterns.get(offer.candidate())) {
      case FixedPattern fixed -> new Reads.Tiles(grids.get(offer.lengthIndex()).of(fixed));
      case TokensOfLayer _, SelectedPattern _ -> new Reads.Tiles(dense(offer.lengthIndex()));
      case DecodePattern rule -> new Reads.Rule(rule);
    };
  }

  /**
   * Bytes that a layer reads ÷ those that it reads dense; above 1 where choosing takes more.
   *
   * @throws BadInputException if the layout is not causal
   */
  public double ratio(int lengthIndex, int[] candidateOfHead) {
    int group = attention.groupSize();
    double bytes = 0;
    for (int first = 0; first < candidateOfHead.length; first += group) {
      bytes += bytes(lengthIndex, Arrays.copyOfRange(candidateOfHead, first, first + group));
    }
    return bytes / denseBytes(lengthIndex);
  }

  /** What one query head adds to that at least; exactly, where it shares its keys with none. */
  public double leastRatio(int lengthIndex, int candidate) {
    return bytes(lengthIndex, candidate) / attention.groupSize() / denseBytes(lengthIndex);
  }

  private double denseBytes(int lengthIndex) {
    if (layout.visibility() == Visibility.BIDIRECTIONAL) {
      throw new BadInputException(
          "A bidirectional model has no steps of decoding.", "leave limits on their reads out.");
    }
    TileLists every = dense(lengthIndex);
    return attention.kvHeads().count()
        * KvStep.of(List.of(new Reads.Tiles(every)), every, attention).bytes(attention.headDim());
  }

  private double bytes(int lengthIndex, int... candidatesOfGroup) {
    Arrays.sort(candidatesOfGroup);
    var group = new Group(lengthIndex, Arrays.stream(candidatesOfGroup).boxed().toList());
    return bytesOfGroup.computeIfAbsent(group, this::bytes);
  }

  private double bytes(Group group) {
    return KvStep.of(
            group.candidates().stream()
                .map(candidate -> reads(group.lengthIndex(), candidate))
                .toList(),
            dense(group.lengthIndex()),
            attention)
        .bytes(attention.headDim());
  }

  /** What the steps of all layers of a plan read after a length ÷ what they read dense. */
  public static double ratioOf(HeadPlan plan, Tokens length) {
    List<Pattern> patterns =
        plan.heads().stream().map(PlannedHead::decodeOrPrefill).distinct().toList();
    AttentionShape attention = plan.model().attention();
    int heads = attention.queryHeads().count();
    double read = 0;
    double dense = 0;
    List<AttentionReach> reaches = plan.model().reachOfLayers();
    for (int layer = 0; layer < reaches.size(); layer++) {
      var ofLayer =
          new StepReads(attention, reaches.get(layer), plan.layout(), List.of(length), patterns);
      int[] choice =
          plan.heads().subList(layer * heads, (layer + 1) * heads).stream()
              .mapToInt(head -> patterns.indexOf(head.decodeOrPrefill()))
              .toArray();
      dense += ofLayer.denseBytes(0);
      read += ofLayer.denseBytes(0) * ofLayer.ratio(0, choice);
    }
    return read / dense;
  }
}
