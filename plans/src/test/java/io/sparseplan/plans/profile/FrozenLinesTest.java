package io.sparseplan.plans.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.FrozenVerticalSlash;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class FrozenLinesTest {
  private static final TileSize TILE = new TileSize(16);
  private static final int SIDE = 20;

  private static KeptTiles kept(IntUnaryOperator... lines) {
    KeptTiles kept = KeptTiles.none(SIDE);
    for (int i = 0; i < SIDE; i++) {
      kept.keep(i, i);
      for (IntUnaryOperator line : lines) {
        int j = line.applyAsInt(i);
        if (j >= 0 && j <= i) {
          kept.keep(i, j);
        }
      }
    }
    return kept;
  }

  private static FrozenVerticalSlash frozen(
      List<Integer> columnTiles, List<Integer> distanceTiles) {
    return new FrozenVerticalSlash(tokens(columnTiles), tokens(distanceTiles));
  }

  private static List<Tokens> tokens(List<Integer> tiles) {
    return tiles.stream().map(tile -> Tokens.of(tile * TILE.tokens())).toList();
  }

  @Test
  void plantedLinesAreFound() {
    KeptTiles kept = kept(i -> 0, i -> 7, i -> i - 1, i -> i - 3);
    assertThat(FrozenLines.of(List.of(kept, kept), TILE))
        .contains(frozen(List.of(0, 7), List.of(1, 3)));
  }

  @Test
  void thePatternVisitsWhatWasKept() {
    KeptTiles kept = kept(i -> 0, i -> 11, i -> i - 2);
    FrozenVerticalSlash found = FrozenLines.of(List.of(kept, kept, kept), TILE).orElseThrow();
    TileGrid grid = TileGrid.causal(Tokens.of(SIDE * TILE.tokens()), TILE);
    for (int i = 0; i < SIDE; i++) {
      int queryTile = i;
      assertThat(Arrays.stream(found.keyTiles(grid, i)).boxed())
          .containsExactlyInAnyOrderElementsOf(
              IntStream.rangeClosed(0, i).filter(j -> kept.keeps(queryTile, j)).boxed().toList());
    }
  }

  @Test
  void whatOnePromptOfThreeKeepsBesideIsLeftOut() {
    KeptTiles usual = kept(i -> 0, i -> i - 1, i -> i - 2);
    KeptTiles other = kept(i -> 0, i -> i - 1, i -> i - 2, i -> i == 15 ? 9 : -1);
    assertThat(FrozenLines.of(List.of(usual, other, usual), TILE))
        .contains(frozen(List.of(0), List.of(1, 2)));
  }

  @Test
  void aHeadThatLooksElsewhereOnEachPromptIsNotFrozen() {
    assertThat(FrozenLines.of(List.of(kept(i -> 5, i -> 6), kept(i -> 9, i -> 10)), TILE))
        .isEmpty();
  }

  @Test
  void onePromptAgreesWithNone() {
    assertThat(FrozenLines.of(List.of(kept(i -> 0)), TILE)).isEmpty();
  }

  @Test
  void tilesThatAreNoLinesAreNotFrozen() {
    var random = new SplittableRandom(3);
    KeptTiles scattered = KeptTiles.none(SIDE);
    for (int i = 2; i < SIDE; i++) {
      scattered.keep(i, i);
      scattered.keep(i, random.nextInt(i));
    }
    assertThat(FrozenLines.of(List.of(scattered, scattered), TILE)).isEmpty();
  }

  @Test
  void whatIsNearlyEverythingIsNotFrozen() {
    KeptTiles dense =
        kept(
            Stream.iterate(0, j -> j + 1)
                .limit(SIDE)
                .map(j -> (IntUnaryOperator) i -> j)
                .toArray(IntUnaryOperator[]::new));
    assertThat(FrozenLines.of(List.of(dense, dense), TILE)).isEmpty();
  }
}
