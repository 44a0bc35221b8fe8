package io.sparseplan.report;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.fixture.SyntheticEvaluation;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportInputTest {
  private static final ModelIdentity MODEL =
      SyntheticProfile.model("two-by-four", new LayerCount(2), new QueryHeads(4));
  private static final Profile PROFILE = SyntheticProfile.of(MODEL, List.of(1024, 2048), 2);
  private static final Plan PLAN = SyntheticPlan.of(PROFILE);

  @Test
  void aPlanGoesWithTheProfileThatItWasMadeFrom() {
    assertThatCode(() -> ReportInput.of(PLAN).with(PROFILE).with(SyntheticEvaluation.of(MODEL)))
        .doesNotThrowAnyException();
  }

  @Test
  void theNameOfTheModelMayDiffer() {
    ModelIdentity renamed = SyntheticProfile.model("copy", new LayerCount(2), new QueryHeads(4));
    Profile profile = SyntheticProfile.of(renamed, List.of(1024, 2048), 2);

    assertThatCode(() -> ReportInput.of(PLAN).with(profile)).doesNotThrowAnyException();
  }

  @Test
  void aProfileOfOtherWeightsIsRefused() {
    Profile other = SyntheticProfile.of(otherWeights(), List.of(1024, 2048), 2);

    assertRefused(PLAN, other, Optional.empty(), "profile", "other-weights", "two-by-four");
  }

  @Test
  void anEvaluationOfOtherWeightsIsRefused() {
    assertRefused(
        PLAN,
        PROFILE,
        Optional.of(SyntheticEvaluation.of(otherWeights())),
        "evaluation",
        "other-weights");
  }

  @Test
  void aProfileOfOtherPromptsIsRefused() {
    Profile more = SyntheticProfile.of(MODEL, List.of(1024, 2048), 3);

    assertRefused(
        PLAN,
        more,
        Optional.empty(),
        "prompt set",
        more.promptSet().hash().abbreviated(),
        PROFILE.promptSet().hash().abbreviated());
  }

  @Test
  void aProfileOfOtherTilesIsRefused() {
    var smallTiles =
        new Profile(
            PROFILE.schemaVersion(),
            PROFILE.tool(),
            PROFILE.model(),
            new TileSize(64),
            PROFILE.promptSet(),
            PROFILE.objective(),
            PROFILE.candidates(),
            PROFILE.prompts(),
            PROFILE.run());

    assertRefused(PLAN, smallTiles, Optional.empty(), "tile (64 tokens)", "(128 tokens)");
  }

  @Test
  void aPlanForALengthThatWasNotProfiledIsRefused() {
    Plan longer = SyntheticPlan.of(SyntheticProfile.of(MODEL, List.of(1024, 4096), 2));
    Plan claimed =
        new Plan(
            longer.schemaVersion(),
            longer.tool(),
            longer.model(),
            longer.layout(),
            PLAN.calibration(),
            longer.device(),
            longer.workload(),
            longer.goal(),
            longer.solver(),
            longer.predicted(),
            longer.warnings(),
            longer.heads(),
            longer.run());

    assertRefused(claimed, PROFILE, Optional.empty(), "length 4096", "[1024, 2048]");
  }

  @Test
  void aPatternThatWasNotScoredIsRefused() {
    Plan elsewhere = SyntheticPlan.of(PROFILE);
    Profile denseOnly = SyntheticProfile.denseOnly(PROFILE);

    assertRefused(elsewhere, denseOnly, Optional.empty(), "which is not among the profile's 1");
  }

  private static ModelIdentity otherWeights() {
    return new ModelIdentity(
        "other-weights",
        MODEL.architecture(),
        MODEL.config(),
        Sha256.of("other weights"),
        MODEL.layers(),
        MODEL.attention(),
        MODEL.rope(),
        MODEL.headAxis());
  }

  private static void assertRefused(
      Plan plan, Profile profile, Optional<Evaluation> evaluation, String... named) {
    assertThatThrownBy(
            () -> {
              ReportInput input = ReportInput.of(plan).with(profile);
              evaluation.ifPresent(input::with);
            })
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(named)
        .hasMessageContaining("\nMaybe ");
  }
}
