package io.sparseplan.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
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
  void markdownHasARowForEachFigureAndEachHead() {
    assertThat(DiffText.markdown(PlanDiff.between(BASELINE, PLAN)))
        .contains("| predicted loss | ", "| L0.H0 | dense | ", "|---|---|---|---|\n");
  }
}
