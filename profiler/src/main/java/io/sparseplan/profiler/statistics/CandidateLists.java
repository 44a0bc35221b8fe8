package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.profile.VisitedTiles;
import io.sparseplan.profiler.attention.TileSelector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The tiles of every candidate on the grid of one prompt. */
final class CandidateLists {
  private final TileGrid grid;
  private final List<Source> sources;
  private final boolean sameInEveryHead;
  private final List<KeyTileSets> setsOfFixed;

  private sealed interface Source {
    record Fixed(TileLists lists) implements Source {}

    record Selected(SelectedPattern pattern) implements Source {}

    /**
     * Of another order, scored beside the tiles of this one.
     *
     * @param lists stand where it would have some
     */
    record Permuted(PermutedPattern pattern, TileLists lists) implements Source {}
  }

  CandidateLists(List<Pattern> candidates, TileGrid grid) {
    this.grid = grid;
    this.sources =
        candidates.stream()
            .<Source>map(
                candidate ->
                    switch (candidate) {
                      case FixedPattern fixed -> new Source.Fixed(fixed.on(grid));
                      case PermutedPattern permuted ->
                          new Source.Permuted(permuted, new Dense().on(grid));
                      case SelectedPattern selected -> new Source.Selected(selected);
                      case DecodePattern _ -> new Source.Fixed(new Dense().on(grid));
                    })
            .toList();
    this.sameInEveryHead = sources.stream().noneMatch(Source.Selected.class::isInstance);
    this.setsOfFixed = sameInEveryHead ? sets(lists(CandidateLists::unexpected)) : List.of();
  }

  private static TileLists unexpected(SelectedPattern pattern) {
    throw new IllegalStateException(pattern.label());
  }

  int count() {
    return sources.size();
  }

  /** Whether the candidate's tiles are of another order. */
  boolean isPermuted(int candidate) {
    return sources.get(candidate) instanceof Source.Permuted;
  }

  /** Whether any is. */
  boolean anyPermuted() {
    return sources.stream().anyMatch(Source.Permuted.class::isInstance);
  }

  /** The candidates whose tiles are of another order, in their order. */
  int[] permuted() {
    return IntStream.range(0, count()).filter(this::isPermuted).toArray();
  }

  /** A candidate whose tiles are of another order. */
  PermutedPattern permutation(int candidate) {
    if (sources.get(candidate) instanceof Source.Permuted(PermutedPattern pattern, TileLists _)) {
      return pattern;
    }
    throw new IllegalArgumentException(
        "The candidate (%d) is of the given order.".formatted(candidate));
  }

  /**
   * @param selector loaded with the head
   */
  OfHead ofHead(TileSelector selector) {
    if (sameInEveryHead) {
      return new OfHead(setsOfFixed, List.of());
    }
    var selected = new ArrayList<TileLists>();
    List<TileLists> lists =
        lists(
            pattern -> {
              TileLists picked = selector.select(pattern);
              selected.add(picked);
              return picked;
            });
    return new OfHead(sets(lists), selected);
  }

  /**
   * The visited tiles of all candidates that select, in their order.
   *
   * @param selected the lists of those of the given order
   * @param permuted of those of another order, the counts
   */
  VisitedTiles visited(List<TileLists> selected, List<int[]> permuted) {
    var counts = new ArrayList<int[]>();
    Iterator<TileLists> lists = selected.iterator();
    Iterator<int[]> others = permuted.iterator();
    for (Source source : sources) {
      switch (source) {
        case Source.Fixed _ -> {}
        case Source.Selected _ -> {
          TileLists list = lists.next();
          counts.add(IntStream.range(0, grid.tiles()).map(list::count).toArray());
        }
        case Source.Permuted _ -> counts.add(others.next());
      }
    }
    return VisitedTiles.ofCounts(counts);
  }

  private List<TileLists> lists(Function<SelectedPattern, TileLists> selection) {
    return sources.stream()
        .map(
            source ->
                switch (source) {
                  case Source.Fixed(TileLists lists) -> lists;
                  case Source.Selected(SelectedPattern pattern) -> selection.apply(pattern);
                  case Source.Permuted(PermutedPattern _, TileLists lists) -> lists;
                })
        .toList();
  }

  private List<KeyTileSets> sets(List<TileLists> lists) {
    return IntStream.range(0, grid.tiles())
        .mapToObj(queryTile -> new KeyTileSets(lists, queryTile))
        .toList();
  }

  /**
   * The candidates of one head.
   *
   * @param sets for each query tile
   * @param selected the lists of the selected ones of the given order
   */
  record OfHead(List<KeyTileSets> sets, List<TileLists> selected) {}
}
