package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.DeclaredPattern;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.profile.VisitedTiles;
import io.sparseplan.profiler.attention.TileSelector;
import java.util.ArrayList;
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
  }

  CandidateLists(List<Pattern> candidates, TileGrid grid) {
    this.grid = grid;
    this.sources =
        candidates.stream()
            .<Source>map(
                candidate ->
                    switch (candidate) {
                      case FixedPattern fixed -> new Source.Fixed(fixed.on(grid));
                      case SelectedPattern selected -> new Source.Selected(selected);
                      case DecodePattern _ -> new Source.Fixed(new Dense().on(grid));
                      case DeclaredPattern declared -> throw declared.refusal("profiled");
                    })
            .toList();
    this.sameInEveryHead = sources.stream().allMatch(Source.Fixed.class::isInstance);
    this.setsOfFixed = sameInEveryHead ? sets(lists(CandidateLists::unexpected)) : List.of();
  }

  private static TileLists unexpected(SelectedPattern pattern) {
    throw new IllegalStateException(pattern.label());
  }

  int count() {
    return sources.size();
  }

  /**
   * @param selector loaded with the head
   */
  OfHead ofHead(TileSelector selector) {
    if (sameInEveryHead) {
      return new OfHead(setsOfFixed, VisitedTiles.of(List.of()));
    }
    var selected = new ArrayList<TileLists>();
    List<TileLists> lists =
        lists(
            pattern -> {
              TileLists picked = selector.select(pattern);
              selected.add(picked);
              return picked;
            });
    return new OfHead(sets(lists), VisitedTiles.of(selected));
  }

  private List<TileLists> lists(Function<SelectedPattern, TileLists> selection) {
    return sources.stream()
        .map(
            source ->
                switch (source) {
                  case Source.Fixed(TileLists lists) -> lists;
                  case Source.Selected(SelectedPattern pattern) -> selection.apply(pattern);
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
   * @param visited by the selected ones
   */
  record OfHead(List<KeyTileSets> sets, VisitedTiles visited) {}
}
