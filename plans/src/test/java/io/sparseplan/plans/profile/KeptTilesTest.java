package io.sparseplan.plans.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeptTilesTest {
  @Test
  void exactlyTheTilesThatWereAddedAreKept() {
    KeptTiles tiles = KeptTiles.none(5);
    tiles.keep(0, 0);
    tiles.keep(3, 1);
    tiles.keep(4, 4);
    for (int i = 0; i < 5; i++) {
      int row = i;
      int[] kept = IntStream.rangeClosed(0, i).filter(j -> tiles.keeps(row, j)).toArray();
      assertThat(kept)
          .isEqualTo(
              switch (i) {
                case 0 -> new int[] {0};
                case 3 -> new int[] {1};
                case 4 -> new int[] {4};
                default -> new int[] {};
              });
    }
    assertThat(tiles.bits()).containsExactly(0b1000_0001, 0b100_0000);
  }

  @Test
  void agreementIsSharedTilesByTilesOfEither() {
    KeptTiles one = KeptTiles.none(4);
    KeptTiles other = KeptTiles.none(4);
    one.keep(0, 0);
    one.keep(3, 0);
    one.keep(3, 3);
    other.keep(0, 0);
    other.keep(3, 1);
    other.keep(3, 3);
    assertThat(one.agreement(other)).isEqualTo(other.agreement(one)).isEqualTo(0.5);
    assertThat(one.agreement(one)).isEqualTo(1);
  }

  @Test
  void tilesOfOtherLengthsCannotBeCompared() {
    assertThatThrownBy(() -> KeptTiles.none(4).agreement(KeptTiles.none(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 and of 5");
  }

  @Test
  void bitsThatDoNotFitTheSideAreRefused() {
    assertThatThrownBy(() -> new KeptTiles(4, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 bytes; they must be 2");
    assertThatThrownBy(() -> new KeptTiles(4, new byte[] {0, 0b100}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("after the last");
    assertThatThrownBy(() -> new KeptTiles(65, new byte[269]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("side (65)");
  }
}
