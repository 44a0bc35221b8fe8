package io.sparseplan.profiler.traits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What slashes cost in blocks of 64, counted by hand. */
final class SlashBlocksTest {
  @Test
  void theDiagonalCostsOneBlock() {
    assertThat(ColumnsAndDiagonals.meanBlocks(new int[] {0}, 640)).isEqualTo(1);
  }

  @Test
  void aSlashCostsNothingWhereItHasNotBegun() {
    assertThat(ColumnsAndDiagonals.meanBlocks(new int[] {64}, 256)).isEqualTo(0.75);
  }

  @Test
  void contiguousSlashesShareBlocks() {
    // From the second block of queries on, 64 distances reach over two blocks of keys.
    int[] distances = IntStream.range(0, 64).toArray();
    assertThat(ColumnsAndDiagonals.meanBlocks(distances, 256)).isEqualTo(7 / 4.0);
  }

  @Test
  void scatteredSlashesCostABlockEach() {
    int[] distances = {0, 200, 400};
    // Blocks of queries end at 64, 128, …, 640: three of them before 200, three before 400.
    assertThat(ColumnsAndDiagonals.meanBlocks(distances, 640))
        .isEqualTo((3 * 1 + 3 * 2 + 4 * 3) / 10.0);
  }

  @Test
  void aPromptShorterThanABlockIsOneBlock() {
    assertThat(ColumnsAndDiagonals.meanBlocks(new int[] {0, 3, 9}, 10)).isEqualTo(1);
  }
}
