package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerIndex;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rules of decoding against slow code that asks of one token after the other. */
final class DecodePatternTest {
  private static final int GEOMETRIES = 1000;

  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void pagesAreTheBestByTheirBestPartAndTheLast() {
    for (int n = 0; n < GEOMETRIES; n++) {
      int part = random.nextInt(1, 9);
      int page = part * random.nextInt(1, 5);
      int budget = page * random.nextInt(1, 6);
      int reuse = random.nextInt(1, 6);
      DecodeStep step = step();
      int chosenAt = step.query();
      while ((chosenAt - step.prompt().count()) % reuse != 0) {
        chosenAt--;
      }
      double[] bounds = scores(chosenAt / part + 1);
      int lastPage = chosenAt / page;
      var taken = new BitSet();
      for (int more = budget / page - 1; more > 0; more--) {
        best(lastPage, taken, at -> bestOf(bounds, at * page / part, (at + 1) * page / part));
      }
      BitSet expected =
          tokens(
              step,
              token ->
                  step.query() + 1 <= budget
                      || taken.get(token / page)
                      || token / page == lastPage
                      || token / page == step.query() / page);
      StepTokens found =
          new PageTopK(Tokens.of(page), Tokens.of(part), Tokens.of(budget), reuse)
              .read(step, bounds);
      assertThat(found).isEqualTo(new StepTokens(expected, new BitSet()));
    }
  }

  @Test
  void heavyChannelsAndLayersReadTheTokensThatScoreHighest() {
    for (int n = 0; n < GEOMETRIES; n++) {
      DecodeStep step = step();
      int budget = random.nextInt(1, 40);
      double[] scores = scores(step.keys().count());
      var taken = new BitSet();
      for (int more = budget; more > 0; more--) {
        best(scores.length, taken, token -> scores[token]);
      }
      assertThat(new HeavyChannels(List.of(0), Tokens.of(budget)).read(scores).read())
          .isEqualTo(taken);
      var reader = new TokensOfLayer(new LayerIndex(3), Tokens.of(budget));
      assertThat(reader.read(reader.choose(scores)).read()).isEqualTo(taken);
    }
  }

  @Test
  void aBudgetKeepsTheHeaviestAfterPoolingAndWhatObserves() {
    for (int n = 0; n < GEOMETRIES; n++) {
      DecodeStep step = step();
      int prompt = step.prompt().count();
      int capacity = random.nextInt(2, 60);
      int observed = random.nextInt(1, capacity);
      int half = random.nextInt(4);
      var pooling = KvBudget.Pooling.values()[random.nextInt(2)];
      double[] weights = new double[prompt];
      Arrays.setAll(weights, token -> random.nextInt(5));
      int before = prompt - observed;
      var kept = new BitSet();
      for (int more = capacity - observed; more > 0 && prompt > capacity; more--) {
        best(
            before,
            kept,
            token -> {
              double pooled = 0;
              for (int near = token - half; near <= token + half; near++) {
                double weight = near >= 0 && near < before ? weights[near] : 0;
                pooled =
                    switch (pooling) {
                      case AVERAGE -> pooled + weight;
                      case MAXIMUM -> Math.max(pooled, weight);
                    };
              }
              return pooled;
            });
      }
      BitSet expected =
          tokens(step, token -> prompt <= capacity || token >= before || kept.get(token));
      var budget =
          new KvBudget(Tokens.of(capacity), Tokens.of(observed), Tokens.of(2 * half + 1), pooling);
      assertThat(budget.read(step, budget.keep(step.prompt(), weights)))
          .isEqualTo(new StepTokens(expected, new BitSet()));
    }
  }

  @Test
  void aCompensatedBufferReadsBothEndsAndMergesTheRest() {
    for (int n = 0; n < GEOMETRIES; n++) {
      DecodeStep step = step();
      int sink = random.nextInt(20);
      int least = random.nextInt(60);
      double beta = random.nextInt(5) / 4.0;
      int keys = step.query() + 1;
      IntPredicate isRead =
          token -> token < sink || keys - token <= least || keys - token < beta * keys + 1;
      assertThat(new CompensatedBuffer(Tokens.of(sink), Tokens.of(least), beta).read(step))
          .isEqualTo(new StepTokens(tokens(step, isRead), tokens(step, isRead.negate())));
    }
  }

  @Test
  void aStepSaysHowManyTokensItReadsAtMost() {
    for (int n = 0; n < GEOMETRIES; n++) {
      int keys = random.nextInt(1, 200);
      var step = new DecodeStep(Tokens.of(keys - 1), keys - 1);
      var pages = new PageTopK(Tokens.of(8), Tokens.of(4), Tokens.of(32), 1);
      var channels = new HeavyChannels(List.of(0), Tokens.of(30));
      var buffer = new CompensatedBuffer(Tokens.of(4), Tokens.of(20), 0.2);
      assertThat(pages.read(step, random.doubles((keys + 3) / 4).toArray()).read().cardinality())
          .isBetween(pages.readTokens(Tokens.of(keys)).count() - 7, 32);
      assertThat(channels.read(random.doubles(keys).toArray()).read().cardinality())
          .isEqualTo(channels.readTokens(Tokens.of(keys)).count());
      StepTokens ends = buffer.read(step);
      assertThat(ends.read().cardinality() + (ends.merged().isEmpty() ? 0 : 1))
          .isEqualTo(buffer.readTokens(Tokens.of(keys)).count());
    }
  }

  @Test
  void eachRunOfAnswerTokensIsOneAnswerAfterAllBeforeIt() {
    var answers = new BitSet();
    answers.set(0);
    answers.set(5, 8);
    assertThat(DecodeStep.of(answers))
        .containsExactly(
            new DecodeStep(Tokens.of(0), 0),
            new DecodeStep(Tokens.of(5), 5),
            new DecodeStep(Tokens.of(5), 6),
            new DecodeStep(Tokens.of(5), 7));
    assertThat(new DecodeStep(Tokens.of(5), 7).number()).isEqualTo(2);
    assertThatThrownBy(() -> new DecodeStep(Tokens.of(5), 4))
        .hasMessageContaining("The query (4) is a token of the prompt");
  }

  @Test
  void aRuleOfDecodingHasNoTiles() {
    assertThatThrownBy(() -> FixedPattern.of(new HeavyChannels(List.of(0), Tokens.of(30))))
        .hasMessageContaining("cannot be laid out in tiles: it chooses tokens")
        .hasMessageContaining("Maybe");
  }

  private DecodeStep step() {
    int prompt = random.nextInt(1, 150);
    return new DecodeStep(Tokens.of(prompt), prompt + random.nextInt(12));
  }

  /** With ties, and perhaps some first ones out of reach. */
  private double[] scores(int count) {
    int hidden = random.nextBoolean() ? 0 : random.nextInt(count);
    return IntStream.range(0, count)
        .mapToDouble(at -> at < hidden ? Double.NEGATIVE_INFINITY : random.nextInt(-6, 7))
        .toArray();
  }

  private static BitSet tokens(DecodeStep step, IntPredicate isIn) {
    var tokens = new BitSet();
    for (int token = 0; token <= step.query(); token++) {
      tokens.set(token, isIn.test(token));
    }
    return tokens;
  }

  /** Takes the best that is not taken, the first of equals. */
  private static void best(int count, BitSet taken, Score score) {
    int best = -1;
    for (int at = 0; at < count; at++) {
      if (!taken.get(at)
          && score.of(at) > Double.NEGATIVE_INFINITY
          && (best < 0 || score.of(at) > score.of(best))) {
        best = at;
      }
    }
    if (best >= 0) {
      taken.set(best);
    }
  }

  private static double bestOf(double[] bounds, int from, int to) {
    double best = Double.NEGATIVE_INFINITY;
    for (int at = from; at < to; at++) {
      best = Math.max(best, bounds[at]);
    }
    return best;
  }

  @FunctionalInterface
  private interface Score {
    double of(int at);
  }
}
