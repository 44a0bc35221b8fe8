package io.sparseplan.costmodel;

import io.sparseplan.costmodel.runtime.IndexRule;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.SkipSoftmax;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * What depends on one candidate alone at one length. A block's time depends on nothing but the
 * number of full and partial tiles that its query tile visits.
 */
final class LengthPrices {
  private final ReachedTiles tiles;
  private final KernelConstants constants;
  private final HeadOffers offers;
  private final DenseLaunch ownDense;
  private final List<DenseLaunch> dense;
  private final HeadBlocks[] blocks;
  private final double[] densities;
  private final List<IndexRule> rules;
  private final double[] indexMicros;
  private final double permutationMicros;

  /** Looked up by what the heads of a group run. */
  private final Map<BitSet, HeadBlocks> unions = new ConcurrentHashMap<>();

  LengthPrices(
      ReachedTiles tiles,
      KernelConstants constants,
      String kernel,
      List<DenseKernel> dense,
      Prologue prologue,
      HeadOffers offers) {
    this.tiles = tiles;
    this.constants = constants;
    this.offers = offers;
    this.blocks = new HeadBlocks[offers.count()];
    this.densities = new double[blocks.length];
    double denseTiles = tiles.denseTiles();
    for (int candidate = 0; candidate < blocks.length; candidate++) {
      BlockTiles visited = visited(candidate);
      Pattern pattern = offers.pattern(candidate);
      BlockTiles worked = pattern instanceof SkipSoftmax ? withScoresOfAll(visited) : visited;
      blocks[candidate] =
          HeadBlocks.of(BlockTimes.ticks(worked, constants), readsPromptsDense(pattern), pattern);
      densities[candidate] = Arrays.stream(visited.visited()).sum() / denseTiles;
    }
    this.ownDense = DenseLaunch.of(kernel, constants, tiles, prologue.headsOfBatch());
    this.dense =
        dense.stream()
            .map(
                other ->
                    DenseLaunch.of(
                        other.kernel(),
                        other.shape().constants(),
                        tiles.inTilesOf(other.shape().tile()),
                        prologue.headsOfBatch()))
            .toList();
    this.rules =
        offers.patterns().stream()
            .map(pattern -> IndexRule.of(pattern, tiles.grid().tile()))
            .toList();
    this.indexMicros =
        rules.stream().mapToDouble(rule -> prologue.indexMicros(rule, tiles.grid())).toArray();
    this.permutationMicros = prologue.permutationMicros(tiles.grid());
  }

  private static boolean readsPromptsDense(Pattern pattern) {
    return pattern instanceof Dense || pattern instanceof DecodePattern;
  }

  private BlockTiles visited(int candidate) {
    return switch (offers.pattern(candidate)) {
      case FixedPattern fixed -> tiles.blocks(tiles.of(fixed));
      case SelectedPattern selected ->
          BlockTiles.ofOwnTileAnd(
              offers.visited(candidate, selected, length()), tiles.grid().visibility());
      case DecodePattern _ -> tiles.blocks(tiles.of(new Dense()));
    };
  }

  /**
   * Where tiles are skipped after their scores: half of a tile's matrix products are done for those
   * too. Rounded up, at most half a tile too much for each query tile.
   */
  private BlockTiles withScoresOfAll(BlockTiles visited) {
    int[] all = tiles.blocks(tiles.of(new Dense())).visited();
    int[] worked = new int[all.length];
    Arrays.setAll(
        worked,
        block -> visited.visited()[block] + Math.ceilDiv(all[block] - visited.visited()[block], 2));
    return new BlockTiles(worked, visited.partial());
  }

  /** The kernel in a launch of the whole layer. */
  KernelConstants constants() {
    return constants;
  }

  Tokens length() {
    return tiles.grid().length();
  }

  HeadBlocks blocks(int candidate) {
    return blocks[candidate];
  }

  /** The tiles that any of the candidates visits. */
  HeadBlocks union(IntStream ofHeads) {
    var set = new BitSet();
    ofHeads.forEach(set::set);
    return set.cardinality() == 1
        ? blocks[set.nextSetBit(0)]
        : unions.computeIfAbsent(set, this::unionBlocks);
  }

  private HeadBlocks unionBlocks(BitSet set) {
    return set.stream()
        .mapToObj(candidate -> blocks[candidate])
        .filter(HeadBlocks::isDense)
        .findFirst()
        .orElseGet(
            () -> {
              List<FixedPattern> patterns =
                  set.stream().mapToObj(offers::pattern).map(FixedPattern::of).toList();
              BlockTiles union = tiles.blocks(tiles.union(patterns));
              return HeadBlocks.of(BlockTimes.ticks(union, constants), false, patterns);
            });
  }

  double density(int candidate) {
    return densities[candidate];
  }

  IndexRule rule(int candidate) {
    return rules.get(candidate);
  }

  double indexMicros(int candidate) {
    return indexMicros[candidate];
  }

  double permutationMicros() {
    return permutationMicros;
  }

  /** The block-sparse kernel, run dense. */
  DenseLaunch ownDense() {
    return ownDense;
  }

  /** The other dense kernels. */
  List<DenseLaunch> dense() {
    return dense;
  }
}
