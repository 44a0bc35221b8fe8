package io.sparseplan.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.profile.InductionScores;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.HeadGroups;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each peer's choice against its own definition, spelled out. */
final class PeerStrategyTest {
  private static final TestModel MODEL =
      TestModel.of(4, 4, TestModel.seventeenCandidates(), 1024, 2048);
  private static final Profile PROFILE = MODEL.profile();

  static Stream<Function<PeerInput, PeerStrategy>> peers() {
    return Stream.of(
        MInference::new,
        MoA::new,
        DuoAttention::new,
        RazorAttention::new,
        SparseVdit::new,
        PyramidKv::new,
        RandomChoice::new);
  }

  private static PeerInput input(TestModel model, long seed, Limit... limits) {
    SearchProblem problem = model.problem(8, limits);
    return PeerInput.of(
        problem,
        new HeadGroups(ModelHeads.of(model.identity()), 1),
        model.profile(),
        model.workload(8),
        seed);
  }

  private static PeerInput input() {
    return input(MODEL, 1, new Limit.MaxTime(0.7));
  }

  private static double meanDensity(PeerInput input, int[] choice) {
    return Arrays.stream(choice).mapToDouble(c -> input.density()[c]).average().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("peers")
  void keepsToTheGoalAndIsDenserWhereTheGoalIsWider(Function<PeerInput, PeerStrategy> peer) {
    double before = 0;
    for (double ratio : new double[] {0.6, 0.75, 0.9}) {
      PeerInput input = input(MODEL, 1, new Limit.MaxTime(ratio));
      int[] choice = MostGenerous.of(peer.apply(input), input.problem()).orElseThrow();
      assertThat(input.problem().valueOf(choice).keepsLimits()).as("%s", ratio).isTrue();
      assertThat(meanDensity(input, choice)).isGreaterThanOrEqualTo(before);
      before = meanDensity(input, choice);
    }
  }

  @ParameterizedTest
  @MethodSource("peers")
  void hasNoPlanForAGoalThatNoCandidateReaches(Function<PeerInput, PeerStrategy> peer) {
    PeerInput input = input(MODEL, 1, new Limit.MaxDensity(0.01));
    assertThat(MostGenerous.of(peer.apply(input), input.problem())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("peers")
  void isDenseWhereNothingIsAskedFor(Function<PeerInput, PeerStrategy> peer) {
    PeerInput input = input(MODEL, 1, new Limit.MaxDensity(1));
    int[] choice = MostGenerous.of(peer.apply(input), input.problem()).orElseThrow();
    if (peer.apply(input) instanceof RandomChoice) {
      assertThat(meanDensity(input, choice)).isLessThan(1);
    } else {
      // A span that covers the prompt loses as little as dense.
      assertThat(input.losses(LossKind.OUTPUT_ERROR).total(choice)).isCloseTo(0, within(1e-6));
    }
  }

  @Test
  void mInferenceKeepsTheMostMassWithinTheSameDensityForEveryHead() {
    PeerInput input = input();
    double bound = input.densityAt(0.3);
    int[] choice = new MInference(input).choose(0.3).orElseThrow();
    for (int place = 0; place < choice.length; place++) {
      double kept = recall(place, choice[place]);
      assertThat(input.density()[choice[place]]).isLessThanOrEqualTo(bound);
      for (int other = 0; other < input.density().length; other++) {
        if (input.density()[other] <= bound) {
          assertThat(recall(place, other)).isLessThanOrEqualTo(kept + 1e-12);
        }
      }
    }
  }

  private static double recall(int place, int candidate) {
    return PROFILE.prompts().stream()
        .mapToDouble(prompt -> prompt.heads().get(place).recall()[candidate])
        .average()
        .orElseThrow();
  }

  @Test
  void moaHasTheLeastInfluenceOfAllChoicesWithTwoRulesALayer() {
    TestModel tiny = TestModel.of(2, 3, TestModel.SIX_CANDIDATES, 1024);
    PeerInput input = input(tiny, 1, new Limit.MaxTime(0.9));
    HeadLosses influence = input.losses(LossKind.INFLUENCE);
    for (double generosity : new double[] {0.15, 0.35, 0.6}) {
      double best = Double.POSITIVE_INFINITY;
      int choices = (int) Math.pow(6, 6);
      for (int number = 0; number < choices; number++) {
        int[] choice = digits(number);
        boolean twoRules =
            Arrays.stream(choice, 0, 3).distinct().count() <= 2
                && Arrays.stream(choice, 3, 6).distinct().count() <= 2;
        if (twoRules && meanDensity(input, choice) <= input.densityAt(generosity) + 1e-9) {
          best = Math.min(best, influence.total(choice));
        }
      }
      int[] found = new MoA(input).choose(generosity).orElseThrow();
      assertThat(influence.total(found)).isCloseTo(best, within(1e-9));
      assertThat(Arrays.stream(found, 0, 3).distinct().count()).isLessThanOrEqualTo(2);
      assertThat(Arrays.stream(found, 3, 6).distinct().count()).isLessThanOrEqualTo(2);
    }
  }

  private static int[] digits(int number) {
    int[] digits = new int[6];
    int rest = number;
    for (int i = 0; i < 6; i++) {
      digits[i] = rest % 6;
      rest /= 6;
    }
    return digits;
  }

  @Test
  void duoAttentionKeepsTheHeadsDenseThatLoseMostWhenTheyStream() {
    PeerInput input = input();
    int[] choice = new DuoAttention(input).choose(0.75).orElseThrow();
    List<Integer> streaming =
        IntStream.range(0, choice.length).filter(place -> choice[place] != 0).boxed().toList();
    assertThat(streaming).hasSize(choice.length / 2);
    assertThat(streaming.stream().map(place -> choice[place]).distinct()).hasSize(1);
    int pattern = choice[streaming.getFirst()];
    assertThat(((ElasticSpan) input.pattern(pattern)).alpha().count()).isEqualTo(256);
    HeadLosses losses = input.outputLosses();
    double mostOfStreaming =
        streaming.stream().mapToDouble(place -> losses.mean(place, pattern)).max().orElseThrow();
    for (int place = 0; place < choice.length; place++) {
      if (choice[place] == 0) {
        assertThat(losses.mean(place, pattern)).isGreaterThanOrEqualTo(mostOfStreaming);
      }
    }
  }

  @Test
  void razorAttentionKeepsTheKeyValueHeadsDenseThatLookBackMost() {
    int layers = 30;
    TestModel model = TestModel.of(layers, 2, TestModel.SIX_CANDIDATES, 1024, 2048);
    PeerInput input = input(model, 1, new Limit.MaxTime(0.7));
    InductionScores scores = input.profile().induction().orElseThrow();
    int[] choice = new RazorAttention(input).choose(0.75).orElseThrow();
    List<Integer> byInduction = keyValueHeads(layers, scores::induction);
    List<Integer> byEcho = keyValueHeads(layers, scores::echo);
    Set<Integer> dense = new HashSet<>(byInduction.subList(0, layers / 2));
    dense.addAll(byEcho.subList(0, 1));
    for (int place = 0; place < choice.length; place++) {
      boolean isDense = dense.contains(place / 2);
      assertThat(choice[place] == 0).as("place %d", place).isEqualTo(isDense);
      if (!isDense) {
        var span = (ElasticSpan) input.pattern(choice[place]);
        assertThat(span.windowTokens(Tokens.of(2048))).as("nearest to 2048 ÷ 5").isEqualTo(512);
      }
    }
  }

  /** By the highest score of the two query heads of each, highest first. */
  private static List<Integer> keyValueHeads(int count, IntToDoubleFunction score) {
    return IntStream.range(0, count)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                (Integer kvHead) ->
                    -Math.max(
                        score.applyAsDouble(2 * kvHead), score.applyAsDouble(2 * kvHead + 1))))
        .toList();
  }

  @Test
  void razorAttentionNeedsInductionScores() {
    PeerInput input = input();
    Profile without =
        new Profile(
            PROFILE.schemaVersion(),
            PROFILE.tool(),
            PROFILE.model(),
            PROFILE.tile(),
            PROFILE.promptSet(),
            PROFILE.objective(),
            PROFILE.candidates(),
            PROFILE.prompts(),
            PROFILE.run());
    var unscored =
        new PeerInput(
            input.problem(), input.groups(), without, input.workload(), input.density(), 1);
    assertThatThrownBy(() -> new RazorAttention(unscored))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no induction scores");
  }

  @Test
  void sparseVditTakesTheLeastErrorAndWeightedDensityOfEachHead() {
    PeerInput input = input();
    HeadLosses error = input.losses(LossKind.OUTPUT_ERROR);
    int[] choice = new SparseVdit(input).choose(0.5).orElseThrow();
    for (int place = 0; place < choice.length; place++) {
      int head = place;
      int best =
          IntStream.range(1, input.density().length)
              .boxed()
              .min(
                  (a, b) ->
                      Double.compare(
                          error.mean(head, a) + 0.5 * input.density()[a],
                          error.mean(head, b) + 0.5 * input.density()[b]))
              .orElseThrow();
      assertThat(choice[place]).isEqualTo(best);
    }
    int[] half = new SparseVdit(input).choose(0.75).orElseThrow();
    double mostKept = 0;
    double leastDense = Double.POSITIVE_INFINITY;
    for (int place = 0; place < half.length; place++) {
      double loss = error.mean(place, choice[place]) + 0.5 * input.density()[choice[place]];
      if (half[place] == 0) {
        leastDense = Math.min(leastDense, loss);
      } else {
        mostKept = Math.max(mostKept, loss);
      }
    }
    assertThat(Arrays.stream(half).filter(candidate -> candidate == 0)).hasSize(half.length / 2);
    assertThat(mostKept).isLessThan(leastDense);
  }

  @Test
  void pyramidKvGivesEachLayerOnePatternAndLaterLayersNoMore() {
    PeerInput input = input();
    int[] choice = new PyramidKv(input).choose(0.4).orElseThrow();
    double before = 1;
    for (int layer = 0; layer < 4; layer++) {
      int[] ofLayer = Arrays.copyOfRange(choice, 4 * layer, 4 * layer + 4);
      assertThat(Arrays.stream(ofLayer).distinct().count()).isEqualTo(1);
      assertThat(input.density()[ofLayer[0]]).isLessThanOrEqualTo(before);
      before = input.density()[ofLayer[0]];
    }
    assertThat(input.density()[choice[0]]).isGreaterThan(before);
  }

  @Test
  void aRandomChoiceDependsOnItsSeedAlone() {
    int[] first = new RandomChoice(input(MODEL, 1, new Limit.MaxTime(0.7))).choose(0.5).get();
    int[] again = new RandomChoice(input(MODEL, 1, new Limit.MaxTime(0.9))).choose(0.5).get();
    int[] other = new RandomChoice(input(MODEL, 2, new Limit.MaxTime(0.7))).choose(0.5).get();
    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
  }
}
