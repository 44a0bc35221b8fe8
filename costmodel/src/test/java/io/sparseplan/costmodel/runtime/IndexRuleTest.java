package io.sparseplan.costmodel.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.ChosenAmong;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexRuleTest {
  private static final HeadDim HEAD_DIM = new HeadDim(4);

  private static TileGrid grid(int length, Visibility visibility) {
    return new TileGrid(Tokens.of(length), TileSize.DEFAULT, visibility);
  }

  @Test
  void peersThatEstimateTilesPayForTheirEstimate() {
    assertThat(IndexRule.of(new AntidiagonalTopP(8, 0.9), TileSize.DEFAULT))
        .isEqualTo(new IndexRule.Antidiagonal(8));
    assertThat(IndexRule.of(new SimilarityTopP(0.9, 0.5, 0, 20), TileSize.DEFAULT))
        .isEqualTo(new IndexRule.PooledBlocks(TileSize.DEFAULT));
  }

  @Test
  void rulesOfDecodingPayForWhatTheyReadOfAPrompt() {
    int n = 300;
    int keyBytes = n * HEAD_DIM.count() * 2;
    assertThat(bytes(new PageTopK(Tokens.of(64), Tokens.of(16), Tokens.of(64), 1), n))
        .as("K is read, 19 parts have two vectors")
        .isEqualTo(keyBytes + 19 * 2 * HEAD_DIM.count() * 2);
    assertThat(bytes(new HeavyChannels(List.of(3, 1), Tokens.of(64)), n))
        .as("K is read, two channels are written")
        .isEqualTo(keyBytes + n * 2 * 2);
    assertThat(bytes(new CompensatedBuffer(Tokens.of(4), Tokens.of(64), 0), n))
        .as("K and V are read")
        .isEqualTo(2 * keyBytes);
    assertThat(bytes(new TokensOfLayer(new LayerIndex(1), Tokens.of(64)), n)).isZero();
    assertThat(
            IndexRule.of(
                new KvBudget(Tokens.of(64), Tokens.of(32), Tokens.of(5), KvBudget.Pooling.MAXIMUM),
                TileSize.DEFAULT))
        .isEqualTo(new IndexRule.LastQueries(32));
  }

  private static double bytes(Pattern pattern, int length) {
    return IndexRule.of(pattern, TileSize.DEFAULT)
        .work(grid(length, Visibility.CAUSAL), HEAD_DIM)
        .bytes();
  }

  @Test
  void chunksOfAVideoAreScoredOnceForEachTileOfQueries() {
    // 8 × 12 × 10 tokens in 8 tiles of 128; chunks of 3 × 12 × 5 are 3 · 1 · 2.
    var video = new VideoLayout(new Extents(8, 12, 10), Tokens.of(0), new Extents(2, 8, 8));
    IndexWork work =
        IndexRule.of(
                new VideoChunkTopK(new Extents(3, 12, 5), 2, ChosenAmong.QUERY), TileSize.DEFAULT)
            .work(TileGrid.of(video, TileSize.DEFAULT), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2.0 * 8 * 6 * HEAD_DIM.count());
    assertThat(work.bytes()).isEqualTo(2.0 * 2 * 960 * HEAD_DIM.count() + 2 * 4 * 8 * 6);
  }

  @Test
  void stagesScoreEveryHalvingOfEveryChunkThatABlockLooksAt() {
    var coarse = stage(64, 4, 16, 0, 2);
    var fine = stage(64, 1, 8, 48, 1);
    var rule =
        new HierarchicalTopK(List.of(coarse, fine), Tokens.of(32), Tokens.of(50), Tokens.of(10));
    double scores = 0;
    double keysRead = 0;
    double chunkScores = 0;
    for (HierarchicalTopK.Stage stage : List.of(coarse, fine)) {
      for (int first = 0; first < 1000; first += 64 * stage.blockStride()) {
        int keys = Math.max(0, first - 50 - 10);
        keys = stage == fine ? Math.min(48, keys) : keys;
        for (int chunk = 0; chunk < keys; chunk += stage.chunk().count()) {
          int halvings = stage == coarse ? 4 : 3;
          scores += (1 + halvings) * (64.0 / stage.queryStride().count());
          keysRead += 1 + halvings;
          chunkScores++;
        }
      }
    }
    IndexWork work =
        IndexRule.of(rule, TileSize.DEFAULT).work(grid(1000, Visibility.CAUSAL), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2 * scores * HEAD_DIM.count());
    assertThat(work.bytes())
        .isEqualTo(2.0 * HEAD_DIM.count() * (2 * 1000 + keysRead) + 2 * 4 * chunkScores);
  }

  private static HierarchicalTopK.Stage stage(
      int block, int stride, int chunk, int keep, int blockStride) {
    return new HierarchicalTopK.Stage(
        Tokens.of(block), Tokens.of(stride), Tokens.of(chunk), Tokens.of(keep), blockStride);
  }

  @Test
  void sampledRowsAreScoredOnceAndMeetTheValuesThreeTimes() {
    IndexWork work =
        IndexRule.of(new SampledBand(0.3, 64, 500, false, 0), TileSize.DEFAULT)
            .work(grid(500, Visibility.BIDIRECTIONAL), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(4 * 2.0 * 64 * 500 * HEAD_DIM.count());
    assertThat(work.bytes()).isEqualTo(2.0 * 2 * 500 * HEAD_DIM.count() + 4 * 4 * 64 * 500);
  }

  @Test
  void clustersAreFoundAnewInEveryStepFromThoseOfTheLast() {
    assertThat(
            IndexRule.of(
                new ClusterTopP(30, 100, 0.9, 0.1, new ClusterTopP.Rounds(50, 2, true), 0),
                TileSize.DEFAULT))
        .isEqualTo(new IndexRule.KMeans(30, 100, 2));
  }

  @Test
  void bothHalvesOfEveryPieceThatIsNotDenseAreHashedAndSorted() {
    // Of 1,024 tokens the halves of 512 meet, and those of 256 twice; 256 and less are dense.
    var rule = new HashBuckets(7, Tokens.of(128), Tokens.of(128), Tokens.of(256), 0);
    long hashed = 0;
    long moved = 0;
    for (int half : new int[] {512, 256, 256}) {
      for (int token = 0; token < half; token++) {
        hashed += 2 * 7;
        moved += 2 + 2 * 3 + 3;
      }
    }
    IndexWork work =
        IndexRule.of(rule, TileSize.DEFAULT).work(grid(1024, Visibility.CAUSAL), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2.0 * hashed * HEAD_DIM.count());
    assertThat(work.bytes()).isEqualTo(2.0 * moved * HEAD_DIM.count());
  }

  @Test
  void whatAKernelDecidesAsItGoesIsNoIndex() {
    IndexRule rule = IndexRule.of(new SkipSoftmax(1, 1, 0.5), TileSize.DEFAULT);
    assertThat(rule.runs()).isFalse();
    assertThat(rule.work(grid(500, Visibility.CAUSAL), HEAD_DIM)).isEqualTo(IndexWork.NONE);
  }

  @Test
  void patternsThatTheGeometryFixesCostNothing() {
    IndexRule rule =
        IndexRule.of(new ElasticSpan(Tokens.of(128), Tokens.of(256), 0.1), TileSize.DEFAULT);
    assertThat(rule.runs()).isFalse();
    assertThat(IndexRule.of(new Dense(), TileSize.DEFAULT).runs()).isFalse();
    assertThat(rule.work(grid(4096, Visibility.CAUSAL), HEAD_DIM)).isEqualTo(IndexWork.NONE);
  }

  @ParameterizedTest
  @CsvSource({"1, 64", "63, 64", "64, 64", "65, 64", "300, 64", "300, 7"})
  void theLastQueriesMeetEveryKeyOnce(int length, int queries) {
    long multiplyAdds = 0;
    for (int query = Math.max(0, length - queries); query < length; query++) {
      for (int key = 0; key < length; key++) {
        multiplyAdds += HEAD_DIM.count();
      }
    }
    IndexWork work =
        new IndexRule.LastQueries(queries).work(grid(length, Visibility.CAUSAL), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2.0 * multiplyAdds);
    double scores = (double) Math.min(queries, length) * length;
    assertThat(work.bytes()).isEqualTo(length * HEAD_DIM.count() * 2 + 3 * 4 * scores);
  }

  @ParameterizedTest
  @EnumSource(Visibility.class)
  void antidiagonalsAreSumsOverStrideTimesHeadDim(Visibility visibility) {
    int length = 64;
    int stride = 8;
    long multiplyAdds = 0;
    long scores = 0;
    for (int queries = 0; queries < length; queries += stride) {
      for (int keys = 0; keys < length; keys += stride) {
        if (visibility == Visibility.BIDIRECTIONAL || keys <= queries) {
          scores++;
          for (int on = 0; on < stride; on++) {
            multiplyAdds += HEAD_DIM.count();
          }
        }
      }
    }
    IndexWork work = new IndexRule.Antidiagonal(stride).work(grid(length, visibility), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2.0 * multiplyAdds);
    assertThat(work.bytes()).isEqualTo(2 * length * HEAD_DIM.count() * 2 + 2.0 * 4 * scores);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void antidiagonalsCostOneStrideThOfTheDenseScores(int stride) {
    int length = 4096;
    double dense = 2.0 * length * length * HEAD_DIM.count();
    assertThat(
            new IndexRule.Antidiagonal(stride)
                .work(grid(length, Visibility.BIDIRECTIONAL), HEAD_DIM)
                .flops())
        .isEqualTo(dense / stride);
  }

  @Test
  void pooledBlocksAreOneProductAPairOfBlocks() {
    IndexWork work =
        new IndexRule.PooledBlocks(new TileSize(128)).work(grid(1000, Visibility.CAUSAL), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2.0 * 36 * HEAD_DIM.count());
    assertThat(work.bytes()).isEqualTo(2.0 * 1000 * HEAD_DIM.count() * 2 + 2.0 * 4 * 36);
  }

  @Test
  void everyRoundOfKMeansComparesEachTokenWithEachCentroid() {
    long multiplyAdds = 0;
    for (int round = 0; round < 2; round++) {
      for (int token = 0; token < 500; token++) {
        multiplyAdds += (30 + 100) * HEAD_DIM.count();
      }
    }
    multiplyAdds += 30 * 100 * HEAD_DIM.count();
    IndexWork work =
        new IndexRule.KMeans(30, 100, 2).work(grid(500, Visibility.BIDIRECTIONAL), HEAD_DIM);
    assertThat(work.flops()).isEqualTo(2.0 * multiplyAdds);
    assertThat(work.bytes()).isEqualTo((2 * 4 + 8) * 500.0 * HEAD_DIM.count() * 2);
  }

  @Test
  void aTimeIsTheLongerOfComputingAndMoving() {
    assertThat(new IndexWork(600, 100).micros(100, 50)).isEqualTo(6);
    assertThat(new IndexWork(100, 600).micros(100, 50)).isEqualTo(12);
  }

  @Test
  void parametersAreAtLeastOne() {
    assertThatThrownBy(() -> new IndexRule.LastQueries(0)).hasMessageContaining("queries (0)");
    assertThatThrownBy(() -> new IndexRule.Antidiagonal(0)).hasMessageContaining("stride (0)");
    assertThatThrownBy(() -> new IndexRule.KMeans(1, 1, 0)).hasMessageContaining("rounds (0)");
  }

  /** NATTEN's docs/profiler.md on H100: milliseconds of permuting, least and most. */
  @ParameterizedTest
  @CsvSource({"115200, 5.3, 5.8", "65536, 2.2, 2.7"})
  void permutingTokensTakesAboutWhatNattenPublished(int tokens, double least, double most) {
    var attention = new AttentionShape(new QueryHeads(24), new KvHeads(24), new HeadDim(128));
    double millis =
        AttentionRuntime.resolve("natten")
                .tokenPermutation()
                .orElseThrow()
                .micros(attention, Tokens.of(tokens), 1, 3.352e6)
            / 1000;
    assertThat(millis).isCloseTo((least + most) / 2, within(0.17 * (least + most) / 2));
  }

  @Test
  void everyTensorIsReadAndWrittenOnceWhenTokensArePermuted() {
    var attention = new AttentionShape(new QueryHeads(6), new KvHeads(2), new HeadDim(64));
    double elements = 0;
    for (int tensorHeads : new int[] {6, 2, 2, 6}) {
      elements += 3.0 * tensorHeads * 1000 * 64;
    }
    assertThat(new TokenPermutation(0.5, "").micros(attention, Tokens.of(1000), 3, 1e6))
        .isEqualTo(2 * elements * 2 / 0.5e6);
  }
}
