package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.plans.plan.Layout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class StepReadsTest {
  private static final int HEAD_DIM = 64;
  private static final List<Pattern> PATTERNS =
      List.of(
          new Dense(),
          new PageTopK(Tokens.of(64), Tokens.of(16), Tokens.of(512), 4),
          new HeavyChannels(List.of(1, 5, 9), Tokens.of(300)),
          new KvBudget(Tokens.of(700), Tokens.of(32), Tokens.of(7), KvBudget.Pooling.MAXIMUM),
          new CompensatedBuffer(Tokens.of(4), Tokens.of(400), 0.1),
          new TokensOfLayer(new LayerIndex(1), Tokens.of(200)),
          new BlockTopK(Tokens.of(1024), 0));

  private static StepReads reads(int queryHeads, Visibility visibility) {
    return new StepReads(
        new AttentionShape(new QueryHeads(queryHeads), new KvHeads(2), new HeadDim(HEAD_DIM)),
        new AttentionReach.Everything(),
        new Layout(visibility, TileSize.DEFAULT, Layout.LengthMeans.PROMPT),
        List.of(Tokens.of(5000)),
        PATTERNS);
  }

  /** Bytes ÷ those of two KV heads of 5000 keys and values. */
  private static double share(double tokens, double bytes) {
    return (tokens * 4 * HEAD_DIM + bytes) / (10_000 * 4 * HEAD_DIM);
  }

  private static void assertRatio(double expected, int... choice) {
    assertThat(reads(4, Visibility.CAUSAL).ratio(0, choice)).isCloseTo(expected, within(1e-12));
  }

  @Test
  void aLayerReadsWhatItsGroupsReadAndChooseBy() {
    assertRatio(1, 0, 0, 0, 0);
    assertRatio(share(700 + 5000, 0), 3, 3, 0, 0);
    assertRatio(share(700 + 505 + 700, 0), 3, 4, 3, 3);
    // 313 parts, two vectors of each, and a score for each of two query heads.
    assertRatio(share(512 + 5000, (2 * 313 * 128 + 2 * 313 * 8) / 4.0), 1, 1, 0, 0);
    assertRatio(share(600 + 5000, 5000 * 3 * 2 + 2 * 5000 * 8), 2, 2, 0, 0);
  }

  @Test
  void whereItIsNotKnownWhatAHeadReadsItIsEveryKey() {
    assertRatio(1, 5, 5, 6, 6);
  }

  @Test
  void noLayerReadsLessThanItsHeadsDoAtLeast() {
    var random = new SplittableRandom(3);
    for (int n = 0; n < 200; n++) {
      int[] choice = random.ints(4, 0, PATTERNS.size()).toArray();
      int[] alone = random.ints(2, 0, PATTERNS.size()).toArray();
      StepReads shared = reads(4, Visibility.CAUSAL);
      StepReads own = reads(2, Visibility.CAUSAL);
      double least = 0;
      for (int candidate : choice) {
        least += shared.leastRatio(0, candidate);
      }
      assertThat(least).isLessThanOrEqualTo(shared.ratio(0, choice) * (1 + 1e-12));
      assertThat(own.leastRatio(0, alone[0]) + own.leastRatio(0, alone[1]))
          .as("heads that share keys with none")
          .isCloseTo(own.ratio(0, alone), within(1e-12));
    }
  }

  @Test
  void aBidirectionalModelHasNoSteps() {
    assertThatThrownBy(() -> reads(4, Visibility.BIDIRECTIONAL).ratio(0, new int[4]))
        .hasMessageContaining("A bidirectional model has no steps of decoding")
        .hasMessageContaining("Maybe");
  }
}
