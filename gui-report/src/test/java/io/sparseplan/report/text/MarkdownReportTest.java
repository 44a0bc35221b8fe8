package io.sparseplan.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.fixture.ChangedPlan;
import io.sparseplan.report.fixture.SyntheticEvaluation;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import org.junit.jupiter.api.Test;

class MarkdownReportTest {
  private static final Profile PROFILE = SyntheticProfile.small("llama-16m");

  @Test
  void saysEveryFigureOfThePageInItsWords() {
    ReportInput input = input(PROFILE);
    ReportData page = ReportData.of(input);

    assertThat(MarkdownReport.of(input))
        .contains(
            "## llama-16m: Within every limit", Markdown.escape(page.view().verdict().sentence()))
        .contains(
            page.view().verdict().figures().stream()
                .map(
                    figure ->
                        "| %s | %s | %s |"
                            .formatted(
                                Markdown.escape(figure.label()),
                                Markdown.escape((figure.value() + " " + figure.unit()).strip()),
                                figure.basis().word()))
                .toList());
  }

  @Test
  void withABaselineItNamesTheHeadsThatChange() {
    Plan plan = SyntheticPlan.of(PROFILE);
    Plan baseline = ChangedPlan.withPattern(plan, 0, new Dense());
    var input = ReportInput.of(plan).with(PROFILE).withBaseline(baseline);

    assertThat(MarkdownReport.of(input))
        .contains("### Change against the baseline")
        .contains(
            "| L0.H0 | dense | " + Markdown.escape(plan.heads().getFirst().prefill().label()));
  }

  @Test
  void aHostileNameStaysText() {
    String hostile = "</table><img src=x onerror=alert(1)>|a|\n# b [c](d) `e` *f*\u2028g";

    String text = MarkdownReport.of(input(SyntheticProfile.small(hostile)));

    assertThat(text)
        .doesNotContain("<img", "</table>", "\n# b", "[c](d)", "`e`", "*f*", "\u2028")
        .contains("&lt;img src=x onerror=alert(1)&gt;\\|a\\| \\# b \\[c\\](d) \\`e\\` \\*f\\* g");
  }

  private static ReportInput input(Profile profile) {
    return ReportInput.of(SyntheticPlan.of(profile))
        .with(profile)
        .with(SyntheticEvaluation.of(profile.model()));
  }
}
