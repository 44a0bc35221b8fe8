package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.fixture.SyntheticEvaluation;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
  private static final Profile PROFILE =
      SyntheticProfile.of(
          SyntheticProfile.model("two-by-four", new LayerCount(2), new QueryHeads(4)),
          List.of(1024, 2048),
          2);
  private static final Plan PLAN = SyntheticPlan.of(PROFILE);

  @Test
  void namesEveryHashThatThePlanDependsOn() {
    assertThat(facts(Provenance.of(PLAN, Optional.empty())))
        .extracting(Fact::value)
        .contains(
            PLAN.model().config().hex(),
            PLAN.model().weights().hex(),
            PLAN.calibration().promptSet().hash().hex(),
            PLAN.device().sha256().hex());
  }

  @Test
  void saysHowToMakeThePlanAgain() {
    assertThat(facts(Provenance.of(PLAN, Optional.empty())))
        .contains(Fact.command("make it again", "sparseplan search profile.json --max-time 0.5"))
        .contains(Fact.text("seed", "42"))
        .contains(Fact.text("tool", "sparseplan 0.1.0, plan schema 1"));
  }

  @Test
  void saysHowFarTheDeviceTableIsOff() {
    assertThat(facts(Provenance.of(PLAN, Optional.empty())))
        .contains(
            Fact.text(
                "mean error of the table",
                "1.90 % of the measured time, on the rows that it was fitted to"));
  }

  @Test
  void whatChangesFromRunToRunStandsApartAndLast() {
    List<FactGroup> groups = Provenance.of(PLAN, Optional.empty());

    assertThat(groups.getLast().facts())
        .extracting(Fact::value)
        .containsExactly("2026-11-22T10:15:30Z", "host-1", "8", "93.4 s");
    assertThat(facts(groups.subList(0, groups.size() - 1)))
        .extracting(Fact::value)
        .noneMatch(value -> value.contains("host-1") || value.contains("2026"));
  }

  @Test
  void namesThePromptsOfAnEvaluation() {
    var evaluation = SyntheticEvaluation.of(PROFILE.model());

    assertThat(facts(Provenance.of(PLAN, Optional.of(evaluation))))
        .contains(Fact.text("prompts", "12 prompts: 6 of 2,048 tokens, 6 of 4,096 tokens"))
        .contains(Fact.code("prompt set SHA-256", evaluation.promptSet().hash().hex()));
  }

  private static List<Fact> facts(List<FactGroup> groups) {
    return groups.stream().flatMap(group -> group.facts().stream()).toList();
  }
}
