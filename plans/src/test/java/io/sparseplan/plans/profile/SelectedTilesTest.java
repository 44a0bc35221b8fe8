package io.sparseplan.plans.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.VerticalSlash;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many tiles selected patterns visited, from counting to pricing. */
final class SelectedTilesTest {
  private static final Tokens LENGTH = Tokens.of(300);
  private static final TileGrid GRID = TileGrid.causal(LENGTH, TileSize.DEFAULT);
  private static final VerticalSlash LINES = new VerticalSlash(30, 100);
  private static final BlockTopK BLOCKS = new BlockTopK(Tokens.of(256), 0);
  private static final Pattern SPAN = new ElasticSpan(Tokens.of(0), Tokens.of(1), 0);

  private static PromptStatistics prompt(String name, int... counts) {
    short[] visited = new short[counts.length];
    for (int at = 0; at < counts.length; at++) {
      visited[at] = (short) counts[at];
    }
    var head =
        new HeadStatistics(
            new float[] {1, 0.1f, 0.2f, 0.3f},
            new float[] {1, 0.1f, 0.2f, 0.3f},
            new float[] {0, 0.4f, 0.5f, 0.6f},
            new FirstOrderLoss(
                new float[] {0, 1, 2, 3}, new float[] {0, 4, 5, 6}, new float[] {0, -1, -2, -3}),
            new float[] {1},
            0,
            0,
            new byte[] {0},
            new InfluenceMap(0, new byte[1]),
            new float[] {0, 7, 8, 9},
            new VisitedTiles(visited));
    return new PromptStatistics(Sha256.of(name), LENGTH, 0, List.of(head));
  }

  private static Profile profile(PromptStatistics... prompts) {
    var sample = new SampleProfile(new LayerCount(1), new QueryHeads(1), 4);
    return sample.of(List.of(new Dense(), LINES, SPAN, BLOCKS), List.of(prompts));
  }

  @Test
  void countsAreThoseOfTheLists() {
    TileLists lists = TileLists.of(GRID, tile -> tile == 2 ? new int[] {0, 2} : new int[] {tile});
    TileLists dense = new Dense().on(GRID);
    VisitedTiles visited = VisitedTiles.of(List.of(dense, lists));
    assertThat(visited.of(GRID, 0)).containsExactly(1, 2, 3);
    assertThat(visited.of(GRID, 1)).containsExactly(1, 1, 2);
  }

  @Test
  void pricesAreOfTheMeanOverPromptsRoundedUp() {
    var tiles =
        new ProfiledTiles(
            profile(prompt("one", 1, 1, 2, 1, 2, 2), prompt("two", 1, 2, 2, 1, 2, 3)));
    assertThat(tiles.visited(0, LINES, LENGTH)).containsExactly(1, 2, 2);
    assertThat(tiles.visited(0, BLOCKS, LENGTH)).containsExactly(1, 2, 3);
    assertThat(tiles.density(0, LINES, LENGTH)).isEqualTo(5.0 / 6);
  }

  @Test
  void aLengthOrPatternThatWasNotProfiledIsOutOfRange() {
    var tiles = new ProfiledTiles(profile(prompt("one", 1, 1, 2, 1, 2, 2)));
    assertThatThrownBy(() -> tiles.visited(0, LINES, Tokens.of(999)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("length (999) is out of range for the pattern v30+d100")
        .hasMessageContaining("profiled at lengths [300]");
    assertThatThrownBy(() -> tiles.visited(0, new VerticalSlash(31, 100), LENGTH))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("did not score the pattern v31+d100");
    assertThatThrownBy(() -> SelectedTiles.NONE.visited(0, LINES, LENGTH))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("v30+d100");
  }

  @Test
  void countsThatAreNotOfTheGridAreRefused() {
    assertThatThrownBy(() -> profile(prompt("one", 1, 1, 2, 1, 2)))
        .hasMessageContaining("5 visited tile counts; 2 candidates select theirs for 3");
    assertThatThrownBy(() -> profile(prompt("one", 1, 3, 2, 1, 2, 2)))
        .hasMessageContaining("Query tile 1 visited 3 key tiles; it sees 2");
  }

  @Test
  void fewerCandidatesKeepTheirStatisticsAndTheirCounts() {
    Profile all = profile(prompt("one", 1, 1, 2, 1, 2, 3));
    Profile some = all.withCandidates(List.of(new Dense(), BLOCKS, SPAN));
    HeadStatistics head = some.prompts().getFirst().heads().getFirst();
    assertThat(head.recall()).containsExactly(1, 0.3f, 0.2f);
    assertThat(head.outputError()).containsExactly(0, 0.6f, 0.5f);
    assertThat(head.firstOrder().rowRms()).containsExactly(0, 6, 5);
    assertThat(head.droppedInfluence()).containsExactly(0, 9, 8);
    assertThat(head.visited().of(GRID, 0)).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> all.withCandidates(List.of(new Dense(), new VerticalSlash(1, 1))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("did not score the pattern v1+d1");
  }
}
