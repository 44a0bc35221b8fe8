package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.decode.SplitKvKernel;
import io.sparseplan.costmodel.decode.SplitKvLaunch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.Batch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.ChunkTiles;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Workload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What rules of decoding read and hold, and what choosing takes, by values worked out by hand. */
final class DecodeRulesTest {
  private static final SplitKvTable TABLE = SplitKvTable.shipped("h100-split-decode");
  private static final AttentionShape SHAPE =
      new AttentionShape(new QueryHeads(4), new KvHeads(2), new HeadDim(64));
  private static final Layout CAUSAL =
      new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT);
  private static final int BATCH = 3;

  private static final Pattern PAGES =
      new PageTopK(Tokens.of(64), Tokens.of(16), Tokens.of(512), 4);
  private static final Pattern CHANNELS = new HeavyChannels(List.of(1, 5, 9), Tokens.of(300));
  private static final Pattern OTHER_CHANNELS = new HeavyChannels(List.of(2), Tokens.of(300));
  private static final Pattern READER = new TokensOfLayer(new LayerIndex(1), Tokens.of(200));
  private static final Pattern BUFFER = new CompensatedBuffer(Tokens.of(4), Tokens.of(400), 0.1);
  private static final Pattern WINDOW = new ElasticSpan(Tokens.of(0), Tokens.of(128), 0);

  private static Pattern budget(int capacity, KvBudget.Pooling pooling) {
    return new KvBudget(Tokens.of(capacity), Tokens.of(32), Tokens.of(7), pooling);
  }

  private static Workload steps(int length) {
    return new Workload(Phase.DECODE, BATCH, List.of(new Workload.Entry(Tokens.of(length), 1)));
  }

  /** A layer whose KV heads are read by these two heads and by two dense ones. */
  private static DecodePricer pricer(int length, AttentionReach reach, Pattern... ofGroup) {
    return new DecodePricer(
        TABLE, SHAPE, reach, CAUSAL, steps(length), List.of(ofGroup[0], ofGroup[1], new Dense()));
  }

  private static final int[] CHOICE = {0, 1, 2, 2};

  private static void assertTokens(int length, long read, long held, Pattern... ofGroup) {
    DecodePricer pricer = pricer(length, new AttentionReach.Everything(), ofGroup);
    assertThat(pricer.readTokens(0, CHOICE)).containsExactly(read, length);
    assertThat(pricer.keptTokens(0, CHOICE)).containsExactly(held, length);
    assertThat(pricer.warnings()).anyMatch(warning -> warning.contains("Choosing tokens"));
  }

  @Test
  void aGroupReadsItsPagesOnceAndHoldsAllKeys() {
    assertTokens(5000, 512, 5000, PAGES, PAGES);
    assertTokens(400, 400, 400, PAGES, PAGES);
  }

  @Test
  void headsThatChooseForThemselvesReadTokensOfTheirOwn() {
    assertTokens(5000, 600, 5000, CHANNELS, CHANNELS);
    assertTokens(5000, 500, 5000, CHANNELS, READER);
    assertTokens(500, 500, 500, CHANNELS, READER);
  }

  @Test
  void aBudgetHoldsWhatItReadsAndASmallerOneIsAPartOfIt() {
    assertTokens(
        5000,
        700,
        700,
        budget(700, KvBudget.Pooling.AVERAGE),
        budget(300, KvBudget.Pooling.AVERAGE));
    assertTokens(
        5000,
        1000,
        1000,
        budget(300, KvBudget.Pooling.AVERAGE),
        budget(700, KvBudget.Pooling.MAXIMUM));
  }

  @Test
  void oneTokenStandsForWhatABufferDropped() {
    assertTokens(5000, 4 + 500 + 1, 4 + 500 + 1, BUFFER, BUFFER);
    assertTokens(300, 300, 300, BUFFER, BUFFER);
  }

  @Test
  void tilesAndTokensAreTakenToDiffer() {
    // The last tile of 5000 keys holds 8 of them.
    assertTokens(5000, 8 + 505, 8 + 505, WINDOW, BUFFER);
  }

  @Test
  void aSlidingWindowBoundsWhatIsReadAndHeld() {
    DecodePricer pricer =
        pricer(5000, new AttentionReach.SlidingWindow(Tokens.of(200)), PAGES, CHANNELS);
    long inReach = pricer.denseTokens(0);
    assertThat(inReach).isLessThan(512);
    assertThat(pricer.readTokens(0, CHOICE)).containsExactly(inReach, inReach);
    assertThat(pricer.keptTokens(0, CHOICE)).containsExactly(inReach, inReach);
  }

  /** One KV head of gathered tokens, one dense, in the chunks that end soonest. */
  private static double attentionMicros(int gathered, int length) {
    SplitKvKernel kernel = TABLE.priceFor(SHAPE).kernel();
    TileSize tile = kernel.shape().tile();
    List<Integer> tiles = List.of(tile.tilesCovering(gathered), tile.tilesCovering(length));
    return IntStream.of(4, 8, 16, 32, 64)
        .mapToObj(
            chunk ->
                new SplitKvLaunch(kernel.shape(), new Batch(BATCH), tiles, new ChunkTiles(chunk)))
        .mapToDouble(launch -> TABLE.micros(launch, kernel))
        .min()
        .orElseThrow();
  }

  private static void assertTime(double choosingBytes, int gathered, Pattern... ofGroup) {
    double expected =
        attentionMicros(gathered, 5000) + BATCH * choosingBytes / TABLE.constants().bytesPerMicro();
    assertThat(pricer(5000, new AttentionReach.Everything(), ofGroup).layerMicros(0, CHOICE))
        .isCloseTo(expected, within(1e-9 * expected));
  }

  @Test
  void choosingPaysForWhatItReadsAndWrites() {
    int parts = 313;
    assertTime((2 * parts * 64 * 2 + 2 * parts * 8) / 4.0, 512, PAGES, PAGES);
    assertTime(5000 * 3 * 2 + 2 * 5000 * 8, 600, CHANNELS, CHANNELS);
    assertTime(5000 * (3 + 1) * 2 + 2 * 5000 * 8, 600, CHANNELS, OTHER_CHANNELS);
    assertTime(0, 400, READER, READER);
    assertTime(0, 505, BUFFER, BUFFER);
    Pattern budget = budget(700, KvBudget.Pooling.AVERAGE);
    assertTime(0, 700, budget, budget);
  }

  @Test
  void aLayerThatChoosesForLaterOnesReadsAllAndWritesItsScores() {
    List<Pattern> heads = new ArrayList<>(Collections.nCopies(12, new Dense()));
    double allDense = layerMicros(heads, 1);
    heads.set(8, READER);
    heads.set(9, READER);
    assertThat(layerMicros(heads, 1) - allDense)
        .as("two heads of layer 1 write and read their scores")
        .isCloseTo(
            BATCH * 2 * 5000 * 8 / TABLE.constants().bytesPerMicro(), within(1e-9 * allDense));
    assertThat(layerMicros(heads, 2)).isCloseTo(attentionMicros(400, 5000), within(1e-9));
    assertThat(layerMicros(heads, 0)).isEqualTo(allDense);
    heads.set(4, READER);
    assertThat(layerMicros(heads, 1) - allDense)
        .as("a head of the choosing layer is dense")
        .isCloseTo(
            BATCH * 2 * 5000 * 8 / TABLE.constants().bytesPerMicro(), within(1e-9 * allDense));
    heads.set(4, WINDOW);
    heads.set(5, WINDOW);
    assertThat(layerMicros(heads, 1) - attentionMicros(8, 5000))
        .as("heads that read a window score all keys beside")
        .isCloseTo(
            BATCH * 2 * 5000 * (8 + 64 * 2) / TABLE.constants().bytesPerMicro(),
            within(1e-9 * allDense));
  }

  private static double layerMicros(List<Pattern> heads, int layer) {
    var model =
        new ModelIdentity(
            "test",
            "LlamaForCausalLM",
            Sha256.of("config"),
            Sha256.of("weights"),
            new LayerCount(3),
            SHAPE,
            new Rope(10_000),
            List.of(),
            HeadAxis.QUERY_HEAD);
    return new DecodePlanPricer(TABLE, model, CAUSAL, heads)
        .of(steps(5000))
        .layerMicros()[0][layer];
  }
}
