package io.sparseplan.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.fixture.ChangedPlan;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiffTextTest {
  private static final Plan PLAN = SyntheticPlan.of(SyntheticProfile.small("small"));
  private static final Plan BASELINE = ChangedPlan.withPattern(PLAN, 0, new Dense());

  @Test
  void columnsOfTheTerminalTableStandUnderTheirNames() {
    List<String> lines = DiffText.plain(PlanDiff.between(BASELINE, PLAN)).lines().toList();

    String head = lines.stream().filter(line -> line.startsWith("head ")).findFirst().orElseThrow();
    String changed =
        lines.stream().filter(line -> line.startsWith("L0.H0 ")).findFirst().orElseThrow();
    assertThat(changed.substring(head.indexOf("baseline"))).startsWith("dense  ");
    assertThat(changed.substring(head.indexOf("plan")))
        .startsWith(PLAN.heads().getFirst().prefill().label());
  }

  @Test
  void aTerminalLineEndsWithItsText() {
    assertThat(DiffText.plain(PlanDiff.between(BASELINE, PLAN)).lines())
        .allSatisfy(line -> assertThat(line).isEqualTo(line.stripTrailing()));
  }

  @Test
  void markdownOfALargeModelFitsIntoACommentAndSaysWhatItLeavesOut() {
    Profile profile =
        SyntheticProfile.of(
            SyntheticProfile.model("large", new LayerCount(20), new QueryHeads(16)),
            List.of(128, 256),
            1);
    Plan plan = SyntheticPlan.of(profile);
    Plan before = plan;
    for (int place = 0; place < plan.heads().size(); place++) {
      before =
          ChangedPlan.withPattern(before, place, new ElasticSpan(Tokens.of(7), Tokens.of(9), 0));
    }
    PlanDiff diff = PlanDiff.between(before, plan);

    assertThat(DiffText.markdown(diff))
        .hasSizeLessThan(65_536)
        .contains("| L6.H3 | ", "220 more heads change; the HTML report lists them all.")
        .doesNotContain("| L6.H4 | ");
    assertThat(DiffText.plain(diff)).contains("L19.H15 ").doesNotContain("more heads change");
  }

  @Test
  void markdownHasARowForEachFigureAndEachHead() {
    assertThat(DiffText.markdown(PlanDiff.between(BASELINE, PLAN)))
        .contains("| predicted loss | ", "| L0.H0 | dense | ", "|---|---|---|---|\n");
  }
}
