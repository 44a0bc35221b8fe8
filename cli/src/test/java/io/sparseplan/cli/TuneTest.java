package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanSchema;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportPage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The main job on llama-1m, as a user runs it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TuneTest {
  @TempDir static Path directory;
  private Path first;
  private CommandRun run;

  @BeforeAll
  void tune() {
    first = directory.resolve("first");
    run =
        CommandRun.of(
                "tune",
                CommandRun.LLAMA_1M,
                "--max-time",
                "0.6",
                "--max-time-at",
                "2048=0.55",
                "--limit-per-length",
                "2",
                "--threads",
                "2",
                "-o",
                first)
            .succeeded();
  }

  @Test
  void theLastLinesSayWhatWasDecidedAndWhereTheFilesAre() {
    assertThat(run.out())
        .contains("Decided")
        .contains("proven least")
        .contains("measured")
        .contains("exact, dense")
        .contains("1024 tokens")
        .contains("of dense flex_attention")
        .contains(first.resolve("plan.json").toString())
        .contains(first.resolve("report.html").toString());
  }

  @Test
  void thePlanKeepsToTheGoalAndItsBoundIsBelowIt() {
    Plan plan = Plan.read(first.resolve("plan.json"));
    assertThat(plan.heads()).hasSize(16);
    assertThat(plan.predicted().time().ratio()).isLessThanOrEqualTo(0.6);
    assertThat(plan.predicted().byLength().getLast().time().ratio()).isLessThanOrEqualTo(0.55);
    assertThat(plan.solver().loss().bound()).isLessThanOrEqualTo(plan.solver().loss().found());
    assertThat(plan.solver().timeMillis().bound())
        .isLessThanOrEqualTo(plan.solver().timeMillis().found());
    assertThat(plan.heads()).allSatisfy(head -> assertThat(head.why()).isNotBlank());
  }

  @Test
  void thePlanFitsItsPublishedSchema() throws IOException {
    String plan = Files.readString(first.resolve("plan.json"));
    assertThat(PublishedSchema.errors(plan)).isEmpty();
    assertThat(PublishedSchema.errors(plan.replace("\"seed\"", "\"sead\""))).isNotEmpty();
  }

  private static String withoutRun(Path file) {
    ObjectNode root = (ObjectNode) JsonFile.read(file, JsonNode.class, "file");
    assertThat(root.remove("run")).isNotNull();
    return root.toString();
  }

  @Test
  void everyFileReadsBackAsItWas() throws IOException {
    Path again = directory.resolve("again");
    Plan.read(first.resolve("plan.json")).write(again);
    assertThat(again).hasSameBinaryContentAs(first.resolve("plan.json"));
    Profile.read(first.resolve("model.profile")).write(again);
    assertThat(again).hasSameBinaryContentAs(first.resolve("model.profile"));
    Evaluation.read(first.resolve("evaluation.json")).write(again);
    assertThat(again).hasSameBinaryContentAs(first.resolve("evaluation.json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plan.json", "report.html"})
  void aPlanAndItsReportDoNotDiffer(String one) {
    assertThat(
            CommandRun.of("diff", first.resolve(one), first.resolve("report.html"))
                .succeeded()
                .out())
        .startsWith("Every head runs the baseline's pattern.\n");
  }

  @Test
  void aBrowserDrawsEveryPanelOfTheReportAndHasNothingToSayAboutIt()
      throws IOException, InterruptedException {
    Path drawn = directory.resolve("drawn.html");
    Path said = directory.resolve("chromium.log");
    Process chromium =
        new ProcessBuilder(
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--enable-logging=stderr",
                "--dump-dom",
                first.resolve("report.html").toUri().toString())
            .redirectOutput(drawn.toFile())
            .redirectError(said.toFile())
            .start();
    assertThat(chromium.waitFor()).isZero();
    assertThat(Files.readString(said)).doesNotContain("CONSOLE");
    Matcher panels =
        Pattern.compile(
                "<section class=\"panel[^\"]*\" id=\"([a-z-]+)\"(.*?)</section>", Pattern.DOTALL)
            .matcher(Files.readString(drawn));
    Map<String, String> words = new LinkedHashMap<>();
    while (panels.find()) {
      words.put(panels.group(1), panels.group(2).replaceAll("<[^>]*>", " ").strip());
    }
    assertThat(words)
        .hasSize(13)
        .allSatisfy((panel, text) -> assertThat(text).as(panel).hasSizeGreaterThan(80));
    assertThat(words.get("table"))
        .contains(Plan.read(first.resolve("plan.json")).heads().getLast().why());
  }

  @Test
  void theReportAsMarkdownHasTheFiguresOfThePage() {
    ReportData page = ReportPage.readData(first.resolve("report.html"));
    String markdown =
        CommandRun.of(
                "report",
                first.resolve("plan.json"),
                "--evaluation",
                first.resolve("evaluation.json"),
                "--format",
                "md")
            .succeeded()
            .out();

    assertThat(markdown).startsWith("## llama-1m: " + page.view().verdict().headline() + "\n");
    assertThat(page.view().verdict().figures())
        .allSatisfy(
            figure ->
                assertThat(markdown).contains("| " + figure.label() + " | " + figure.value()));
  }

  @Test
  void theEvaluationWasOnPromptsThatWereHeldOut() {
    Evaluation evaluation = Evaluation.read(first.resolve("evaluation.json"));
    assertThat(evaluation.heldOut()).isTrue();
    assertThat(evaluation.promptSet().members()).hasSize(8);
  }

  @Test
  void searchingTheProfileAgainGivesThePlanAgain() {
    Path plan = directory.resolve("searched.json");
    CommandRun.of(
            "search",
            first.resolve("model.profile"),
            "--max-time",
            "0.6",
            "--max-time-at",
            "2048=0.55",
            "-o",
            plan)
        .succeeded();
    assertThat(withoutRun(plan)).isEqualTo(withoutRun(first.resolve("plan.json")));
  }

  @Test
  void rulesAndALossToKeepToAreKeptAndRecorded() throws IOException {
    Path plan = directory.resolve("rules.json");
    CommandRun run =
        CommandRun.of(
                "search",
                first.resolve("model.profile"),
                "--max-loss=100",
                "--pin=L1.H2=dense",
                "--dense-layers=first=1",
                "--max-patterns-per-layer=2",
                "--from",
                first.resolve("plan.json"),
                "--max-churn=0.75",
                "-o",
                plan)
            .succeeded();
    assertThat(run.out())
        .contains("predicted loss ≤ 100 ")
        .contains("ms in all; proven least within");
    Plan found = Plan.read(plan);
    assertThat(found.predicted().loss()).isLessThanOrEqualTo(100);
    int inLayer = found.model().attention().queryHeads().count();
    List<HeadDecision> heads = found.heads();
    assertThat(heads.subList(0, inLayer)).allMatch(head -> head.prefill().equals(new Dense()));
    assertThat(heads.get(inLayer + 2).prefill()).isEqualTo(new Dense());
    for (int from = 0; from < heads.size(); from += inLayer) {
      assertThat(heads.subList(from, from + inLayer).stream().map(HeadDecision::prefill).distinct())
          .hasSizeLessThanOrEqualTo(2);
    }
    List<HeadDecision> before = Plan.read(first.resolve("plan.json")).heads();
    long changed =
        IntStream.range(0, heads.size())
            .filter(place -> !heads.get(place).prefill().equals(before.get(place).prefill()))
            .count();
    assertThat(changed).isLessThanOrEqualTo(heads.size() * 3 / 4);
    assertThat(PublishedSchema.errors(Files.readString(plan))).isEmpty();
  }

  @Test
  void aUniformPlanOfTheSameTimeLosesMore() {
    Path plan = directory.resolve("uniform.json");
    CommandRun.of(
            "search",
            first.resolve("model.profile"),
            "--max-time",
            "0.6",
            "--max-time-at",
            "2048=0.55",
            "--strategy",
            "uniform",
            "-o",
            plan)
        .succeeded();
    Plan uniform = Plan.read(plan);
    Plan searched = Plan.read(first.resolve("plan.json"));
    assertThat(uniform.heads().stream().map(head -> head.prefill()).distinct()).hasSize(1);
    assertThat(uniform.solver().loss().found()).isGreaterThan(searched.solver().loss().found());
  }

  @Test
  void evaluatePrintsTheContractedJson() {
    CommandRun run =
        CommandRun.of(
                "evaluate",
                CommandRun.LLAMA_1M,
                "--plan",
                first.resolve("plan.json"),
                "--lengths",
                "512",
                "--format",
                "json")
            .succeeded();
    JsonNode root = JsonFile.mapper().readTree(run.out());
    for (String side : new String[] {"dense", "plan"}) {
      JsonNode measured = root.path(side);
      for (String field : new String[] {"loss", "perplexity", "kl", "answers_exact"}) {
        assertThat(measured.path(field).isNumber()).as(side + "." + field).isTrue();
        assertThat(measured.path("by_length").get(0).path(field).isNumber()).isTrue();
      }
      assertThat(measured.path("by_length").get(0).path("length").intValue()).isEqualTo(512);
    }
    assertThat(root.path("dense").path("kl").doubleValue()).isZero();
    assertThat(root.path("plan").path("kl").doubleValue()).isPositive();
  }

  @Test
  void evaluateWithoutAPlanMeasuresDenseAlone() {
    CommandRun run =
        CommandRun.of("evaluate", CommandRun.LLAMA_1M, "--lengths", "512", "--format", "json")
            .succeeded();
    JsonNode root = JsonFile.mapper().readTree(run.out());
    assertThat(root.path("dense").path("answers_exact").isNumber()).isTrue();
    assertThat(root.path("plan").isNull()).isTrue();
  }

  @Test
  void aPlanOfAnotherModelIsRefused() {
    CommandRun.of(
            "evaluate",
            Path.of("..", "models", "llama-16m"),
            "--plan",
            first.resolve("plan.json"),
            "--lengths",
            "512")
        .failed(ExitCode.BAD_INPUT, "The plan is for the model llama-1m");
  }

  @Test
  void theReportCanBeWrittenAgain() throws IOException {
    Path report = directory.resolve("again.html");
    CommandRun.of(
            "report",
            first.resolve("plan.json"),
            "--profile",
            first.resolve("model.profile"),
            "--evaluation",
            first.resolve("evaluation.json"),
            "-o",
            report)
        .succeeded();
    assertThat(report).hasSameBinaryContentAs(first.resolve("report.html"));
  }

  @Test
  void exportWritesOneRowAHead() throws IOException {
    Plan plan = Plan.read(first.resolve("plan.json"));
    String csv = CommandRun.of("export", first.resolve("plan.json")).succeeded().out();
    try (CSVParser parser =
        CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(new StringReader(csv))) {
      List<CSVRecord> rows = parser.getRecords();
      assertThat(rows).hasSize(plan.heads().size());
      for (int place = 0; place < rows.size(); place++) {
        HeadDecision head = plan.heads().get(place);
        assertThat("L%s.H%s".formatted(rows.get(place).get("layer"), rows.get(place).get("head")))
            .isEqualTo(head.id().toString());
        assertThat(rows.get(place).get("why")).isEqualTo(head.why());
        assertThat(rows.get(place).get("kind").equals("dense"))
            .isEqualTo(head.prefill().equals(new Dense()));
      }
    }
    Path file = directory.resolve("heads.csv");
    CommandRun.of("export", first.resolve("plan.json"), "-o", file).succeeded();
    assertThat(file).hasContent(csv);
  }

  @Test
  void theSchemaIsShown() {
    assertThat(CommandRun.of("show", "schema").succeeded().out()).isEqualTo(PlanSchema.text());
    assertThat(CommandRun.of("show", "devices").succeeded().out())
        .contains("h100-flex-attention (default)")
        .contains("h200-flex-attention");
  }

  @Test
  void theReportTakesThePlansTimeApart() {
    ReportData page = ReportPage.readData(first.resolve("report.html"));

    assertThat(page.view().times()).as(page.view().timesNote()).isPresent();
    assertThat(page.view().calibration()).isPresent();
    assertThat(page.plan().solver().trail()).isNotEmpty();
  }

  @Test
  void showPrintsAPlanAndItsPageWithTheSameFiguresAndNoColourWhereThereIsNoTerminal() {
    String plan = CommandRun.of("show", first.resolve("plan.json")).succeeded().out();
    String page = CommandRun.of("show", first.resolve("report.html")).succeeded().out();

    assertThat(plan).contains("Of the 16 heads of llama-1m").doesNotContain("\u001b");
    assertThat(page).contains("Answers right").doesNotContain("\u001b");
    assertThat(page.lines())
        .containsAll(plan.lines().filter(line -> line.matches("L\\d+ .*")).toList())
        .anyMatch(line -> line.startsWith("L3 "));
  }

  @Test
  void showSaysWhatItCanShow() {
    CommandRun.of("show", "nonsense").failed(ExitCode.BAD_INPUT, "nonsense");
  }
}
