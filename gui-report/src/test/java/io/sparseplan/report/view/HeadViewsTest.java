package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.InfluenceMap;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.VisitedTiles;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class HeadViewsTest {
  private static final Profile PROFILE =
      SyntheticProfile.of(
          SyntheticProfile.model("three-by-four", new LayerCount(3), new QueryHeads(4)),
          List.of(512, 1024, 4096),
          3);
  private static final Plan PLAN = SyntheticPlan.of(PROFILE);
  private final HeadViews views = new HeadViews(PLAN, PROFILE, Optional.empty());

  @Test
  void theLossOfTheChoiceIsTheLossInThePlan() {
    List<ShownHead> heads = views.heads();

    for (int place = 0; place < heads.size(); place++) {
      ShownHead head = heads.get(place);
      HeadDecision decision = PLAN.heads().get(place);
      assertThat(PROFILE.candidates().get(head.chosen())).isEqualTo(decision.prefill());
      assertThat(considered(head, head.chosen()).loss())
          .isCloseTo(decision.loss(), within(1e-3 * decision.loss() + 1e-12));
    }
  }

  @Test
  void theDensityOfAPlanIsTheMeanOfTheChoices() {
    List<ShownCandidate> candidates = views.candidates();

    assertThat(
            views.heads().stream()
                .mapToDouble(head -> candidates.get(head.chosen()).density().orElseThrow())
                .average()
                .orElseThrow())
        .isCloseTo(MeanDensity.of(PLAN), within(1e-4));
  }

  @Test
  void meansAreTakenOverTheLengthsOfTheWorkloadAlone() {
    ShownHead head = views.heads().get(7);
    double sum = 0;
    for (int length : new int[] {1024, 4096}) {
      for (PromptStatistics prompt : PROFILE.promptsOf(Tokens.of(length))) {
        sum += prompt.heads().get(7).recall()[head.chosen()];
      }
    }

    assertThat(head.recall().orElseThrow()).isCloseTo(sum / 6, within(1e-4));
    assertThat(views.lengths()).extracting(ShownLength::weight).containsExactly(0.0, 1.0, 1.0);
  }

  @Test
  void recallByPromptIsInTheOrderOfTheShownPrompts() {
    ShownHead head = views.heads().get(2);
    var prompts = new ArrayList<String>();
    views.lengths().forEach(length -> prompts.addAll(length.prompts()));

    assertThat(head.recallPermille()).hasSameSizeAs(prompts).hasSize(9);
    for (PromptStatistics prompt : PROFILE.prompts()) {
      int at = prompts.indexOf(prompt.prompt().abbreviated());
      HeadStatistics statistics = prompt.heads().get(2);
      assertThat(head.recallPermille().get(at))
          .isEqualTo(Math.round(1000 * statistics.recall()[head.chosen()]));
      assertThat(head.worstDecilePermille().get(at))
          .isEqualTo(Math.round(1000 * statistics.worstDecileRecall()[head.chosen()]));
    }
  }

  @Test
  void everyLengthHasAMapOfItsOwnSize() {
    assertThat(views.lengths())
        .extracting(length -> length.bandEdgesTokens().size() - 1)
        .containsExactly(4, 8, 16);
    assertThat(views.heads().getFirst().mass())
        .extracting(map -> map.digits().length())
        .containsExactly(10, 36, 136);
    assertThat(views.candidates())
        .allSatisfy(
            candidate ->
                assertThat(candidate.tiles())
                    .extracting(map -> map.digits().length())
                    .containsExactly(10, 36, 136));
  }

  @Test
  void candidatesAreNamedAsInFiles() {
    assertThat(views.candidates().getFirst())
        .extracting(ShownCandidate::label, ShownCandidate::kind, ShownCandidate::density)
        .containsExactly("dense", "dense", OptionalDouble.of(1));
    assertThat(views.candidates().get(1).kind()).isEqualTo("elastic_span");
  }

  @Test
  void aProfileWithoutAttentionMapsShowsThatNoneWereTaken() {
    Profile profile = withMaps(new byte[0]);

    assertThat(new HeadViews(SyntheticPlan.of(profile), profile, Optional.empty()).heads())
        .allSatisfy(head -> assertThat(head.mass()).containsOnly(CellMap.notMeasured()).hasSize(3));
  }

  @Test
  void anAttentionMapThatIsNotSquareIsRefused() {
    Profile profile = withMaps(new byte[10]);

    assertThatThrownBy(() -> new HeadViews(PLAN, profile, Optional.empty()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("10 cells");
  }

  private static ShownHead.Considered considered(ShownHead head, int candidate) {
    return head.considered().stream()
        .filter(one -> one.candidate() == candidate)
        .findFirst()
        .orElseThrow();
  }

  private static Profile withMaps(byte[] map) {
    return SyntheticProfile.profile(
        PROFILE.model(),
        PROFILE.candidates(),
        PROFILE.prompts().stream()
            .map(
                prompt ->
                    new PromptStatistics(
                        prompt.prompt(),
                        prompt.length(),
                        prompt.answerTokens(),
                        prompt.heads().stream()
                            .map(
                                head ->
                                    new HeadStatistics(
                                        head.recall(),
                                        head.worstDecileRecall(),
                                        head.outputError(),
                                        head.firstOrder(),
                                        head.massByDistance(),
                                        head.sinkMass(),
                                        head.entropyBits(),
                                        map,
                                        new InfluenceMap(0, map),
                                        head.droppedInfluence(),
                                        new VisitedTiles(new short[0])))
                            .toList()))
            .toList());
  }
}
