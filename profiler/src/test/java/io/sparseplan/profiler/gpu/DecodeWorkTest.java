package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeWorkTest {
  @ParameterizedTest
  @CsvSource({"32, 8, 4", "6, 2, 1", "28, 4, 1", "12, 2, 2", "8, 8, 1", "64, 8, 4"})
  void queryHeadsGoTogetherInTheLargestGroupThatDividesThem(
      int queryHeads, int kvHeads, int group) {
    assertThat(SplitDecode.QueryGroup.of(attention(queryHeads, kvHeads)).heads()).isEqualTo(group);
  }

  @Test
  void listsOfTheWrongHeadsOrTilesAreRefused() {
    assertThatThrownBy(() -> step(64, List.of(new int[] {0})))
        .hasMessageContaining("tile lists of 1 KV heads for 2");
    assertThatThrownBy(() -> step(64, List.of(new int[] {0}, new int[] {})))
        .hasMessageContaining("at least one of the 2 tiles");
    assertThatThrownBy(() -> step(64, List.of(new int[] {0}, new int[] {2})))
        .hasMessageContaining("[2]");
    assertThatThrownBy(() -> step(96, List.of(new int[] {0}, new int[] {0})))
        .hasMessageContaining("multiple of 64");
  }

  private static DecodeWork.Step step(int tile, List<int[]> lists) {
    return new DecodeWork.Step(1, attention(4, 2), Tokens.of(100), new TileSize(tile), lists);
  }

  private static AttentionShape attention(int queryHeads, int kvHeads) {
    return new AttentionShape(new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(64));
  }
}
