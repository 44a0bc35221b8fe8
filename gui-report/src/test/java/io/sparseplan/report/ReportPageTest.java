package io.sparseplan.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.fixture.ChangedPlan;
import io.sparseplan.report.fixture.SyntheticEvaluation;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportPageTest {
  private static final String HOSTILE =
      "</script><script>alert(1)</script><!--<script>--><img src=x onerror=alert(1)>'\"&amp;\\u003c"
          + "\u2028\u2029";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"llama-16m", HOSTILE})
  void theDataReadBackFromThePageIsTheDataThatWentIn(String modelName) throws IOException {
    ReportInput input = evaluated(modelName);

    assertThat(ReportPage.readData(write(input))).isEqualTo(ReportData.of(input));
  }

  @Test
  void aPageWithoutAnEvaluationReadsBackToo() throws IOException {
    ReportInput input = notEvaluated("llama-16m");

    assertThat(ReportPage.readData(write(input))).isEqualTo(ReportData.of(input));
  }

  @Test
  void aPlanAloneReadsBackToo() throws IOException {
    ReportInput input = ReportInput.of(SyntheticPlan.of(SyntheticProfile.small("llama-16m")));

    assertThat(ReportPage.readData(write(input))).isEqualTo(ReportData.of(input));
    assertThat(ReportData.of(input).view().heads())
        .allSatisfy(head -> assertThat(head.recall()).isEmpty());
  }

  @Test
  void withABaselineThePageHoldsWhatChanges() throws IOException {
    Plan plan = SyntheticPlan.of(SyntheticProfile.small("llama-16m"));
    ReportInput input =
        ReportInput.of(plan).withBaseline(ChangedPlan.withPattern(plan, 0, new Dense()));

    assertThat(ReportPage.readData(write(input)).view().diff().orElseThrow().changed())
        .containsExactly(0);
  }

  @Test
  void theSameInputGivesTheSameBytes() throws IOException {
    assertThat(page(evaluated("llama-16m"))).isEqualTo(page(evaluated("llama-16m")));
  }

  @Test
  void twoRunsThatMeanTheSameDifferOnlyInTheRun() throws IOException {
    ReportInput one = notEvaluated("llama-16m");
    Plan plan = one.plan();
    var otherRun =
        new Plan(
            plan.schemaVersion(),
            plan.tool(),
            plan.model(),
            plan.layout(),
            plan.calibration(),
            plan.device(),
            plan.workload(),
            plan.goal(),
            plan.solver(),
            plan.predicted(),
            plan.warnings(),
            plan.heads(),
            new Run("2030-01-01T00:00:00Z", "elsewhere", 3, 777_000, plan.run().command()));
    String page = page(ReportInput.of(otherRun).with(one.profile().orElseThrow()));

    assertThat(
            page.replace("2030-01-01T00:00:00Z", plan.run().finishedAt())
                .replace("elsewhere", plan.run().host())
                .replace("\"threads\" : 3", "\"threads\" : 8")
                .replace("777000", "93400")
                .replace("777 s", "93.4 s")
                .replace(
                    "{\"name\":\"threads\",\"value\":\"3\"",
                    "{\"name\":\"threads\",\"value\":\"8\""))
        .isEqualTo(page(one));
  }

  @Test
  void thePlanStandsInThePageAsInItsOwnFile() throws IOException {
    ReportInput input = evaluated("llama-16m");

    assertThat(page(input)).contains("{\"plan\":" + JsonFile.pretty(input.plan()) + ",\n");
  }

  @Test
  void onlyTheLastLineOfThePlanIsABareClosingBrace() throws IOException {
    String data = page(evaluated("llama-16m")).split("id=\"data\">", 2)[1];

    assertThat(data.substring(0, data.indexOf("\n}")))
        .startsWith("{\"plan\":{\n  \"schemaVersion\"");
    assertThat(data.substring(data.indexOf("\n}"))).startsWith("\n},\n\"evaluation\":");
  }

  @Test
  void nothingInThePageNamesANetworkAddress() throws IOException {
    assertThat(page(evaluated("llama-16m")))
        .doesNotContain("http:", "https:", "//www.", " src=", "@import", "url(", "<link")
        .doesNotContainPattern("href\\s*=\\s*[\"']");
  }

  @Test
  void aHostileNameIsTextEverywhere() throws IOException {
    String page = page(evaluated(HOSTILE));

    assertThat(page)
        .doesNotContain("<script>alert", "<img", "\u2028\u2029\",", HOSTILE)
        .contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--&lt;script&gt;--&gt;")
        .contains("'\\\"&amp;\\\\u003c\\u2028\\u2029");
    assertThat(page.split("</script", -1))
        .hasSameSizeAs(page(evaluated("x")).split("</script", -1));
  }

  @Test
  void withoutScriptsThePageShowsTheVerdict() throws IOException {
    String page = page(notEvaluated("llama-16m"));
    String plain = page.substring(page.indexOf("<noscript>"), page.indexOf("</noscript>"));

    assertThat(plain)
        .contains("Of the 60 heads of llama-16m,")
        .contains("<td>Attention time</td><td>0.")
        .contains("of flex_attention dense</td><td>estimated</td>")
        .contains("The plan's loss was not measured: no evaluation was given.");
  }

  @Test
  void aFileWithoutDataIsRefusedByName() throws IOException {
    Path file = directory.resolve("other.html");
    Files.writeString(file, "<!doctype html><p>Hello");

    assertThatThrownBy(() -> ReportPage.readData(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("other.html")
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void aPageThatWasCutShortIsRefusedByName() throws IOException {
    Path file = directory.resolve("cut.html");
    String page = page(notEvaluated("llama-16m"));
    int data = page.indexOf("id=\"data\">");
    Files.writeString(file, page.substring(0, data + 2000) + "</script>");

    assertThatThrownBy(() -> ReportPage.readData(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cut.html");
  }

  @Test
  void aMissingFileIsRefusedByName() {
    assertThatThrownBy(() -> ReportPage.readData(directory.resolve("none.html")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("none.html");
  }

  private static ReportInput evaluated(String modelName) {
    Profile profile = SyntheticProfile.small(modelName);
    return ReportInput.of(SyntheticPlan.of(profile))
        .with(profile)
        .with(SyntheticEvaluation.of(profile.model()));
  }

  private static ReportInput notEvaluated(String modelName) {
    Profile profile = SyntheticProfile.small(modelName);
    return ReportInput.of(SyntheticPlan.of(profile)).with(profile);
  }

  private Path write(ReportInput input) throws IOException {
    Path file = directory.resolve("report.html");
    try (var out = Files.newOutputStream(file)) {
      ReportPage.write(input, out);
    }
    return file;
  }

  private static String page(ReportInput input) throws IOException {
    var out = new ByteArrayOutputStream();
    ReportPage.write(input, out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
