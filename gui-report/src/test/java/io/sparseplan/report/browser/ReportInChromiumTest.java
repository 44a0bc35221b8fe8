package io.sparseplan.report.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.fixture.ChangedPlan;
import io.sparseplan.report.fixture.FullInput;
import io.sparseplan.report.fixture.LargePage;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import io.sparseplan.report.text.CellPaint;
import io.sparseplan.report.text.MarkdownReport;
import io.sparseplan.report.text.TerminalReport;
import io.sparseplan.report.view.Figure;
import io.sparseplan.report.view.ShownHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The page as a reviewer has it: in a real browser. */
class ReportInChromiumTest {
  private static final List<String> PANELS =
      List.of(
          "verdict",
          "warnings",
          "map",
          "head",
          "trade-off",
          "explorer",
          "times",
          "search",
          "diff",
          "calibration",
          "validity",
          "table",
          "provenance");

  private static final String HOSTILE =
      "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">"
          + "<svg onload=window.hacked=3>'\"&amp;\u2028\u2029\u202e\u2067\u05d0"
          + "W".repeat(10_000);

  @TempDir private static Path directory;
  private static Chromium browser;

  /** The pages that most tests run on. */
  enum Page {
    SMALL,
    LARGE,
    PLAN_ALONE,
    HOSTILE_NAMES
  }

  @BeforeAll
  static void writePagesAndStartTheBrowser() throws IOException {
    write(Page.SMALL, FullInput.of(SyntheticProfile.small("llama-16m")));
    Files.write(file(Page.LARGE), LargePage.html());
    write(Page.PLAN_ALONE, planWithSelectedPatterns());
    write(Page.HOSTILE_NAMES, saying(FullInput.of(SyntheticProfile.small(HOSTILE)), HOSTILE));
    browser = Chromium.start();
  }

  @AfterAll
  static void stopTheBrowser() {
    browser.close();
  }

  @AfterEach
  void showPagesOnAScreenAgain() {
    browser.emulate("");
  }

  private static ReportInput planWithSelectedPatterns() {
    Plan plan = SyntheticPlan.of(SyntheticProfile.small("llama-16m"));
    return ReportInput.of(ChangedPlan.withPattern(plan, 3, new BlockTopK(Tokens.of(512), 0)));
  }

  private static ReportInput saying(ReportInput input, String text) {
    return new ReportInput(
        ChangedPlan.saying(input.plan(), text),
        input.profile(),
        input.evaluation(),
        input.baseline(),
        input.device(),
        input.comparison(),
        input.curve(),
        input.validation());
  }

  private static void write(Page page, ReportInput input) throws IOException {
    try (var out = Files.newOutputStream(file(page))) {
      ReportPage.write(input, out);
    }
  }

  private static Path file(Page page) {
    return directory.resolve(page + ".html");
  }

  private static void open(Page page, String fragment) {
    browser.resize(1280, 900);
    browser.open(file(page).toUri() + fragment);
  }

  @ParameterizedTest
  @EnumSource
  void everyPanelHasItsContentAndNothingIsLoggedOrRequested(Page page) {
    open(page, "");

    for (String panel : PANELS) {
      assertThat(browser.text("#" + panel).lines().filter(line -> !line.isBlank()).count())
          .as(panel)
          .isGreaterThan(1);
    }
    assertThat(browser.count(".failure")).isZero();
    assertThat(browser.logged()).isEmpty();
    assertThat(browser.requested()).containsOnly(file(page).toUri().toString());
    assertThat(browser.evaluate("return window.hacked ?? 'nothing'")).isEqualTo("nothing");
  }

  @ParameterizedTest
  @EnumSource
  void noPageIsWiderThanItsWindow(Page page) {
    for (int width : new int[] {390, 1280}) {
      open(page, "#layer=1&head=2");
      browser.resize(width, 844);
      browser.act("");

      assertThat((Long) browser.evaluate("return document.scrollingElement.scrollWidth"))
          .as("at %d pixels", width)
          .isLessThanOrEqualTo(width);
      assertThat((String) browser.evaluate(WIDER_THAN_THE_WINDOW)).isEmpty();
    }
  }

  /** Elements outside of what scrolls by itself that stand out of the window. */
  private static final String WIDER_THAN_THE_WINDOW =
      """
      return [...document.querySelectorAll("#page *")]
        .filter((element) => !element.closest(".scroll, svg, .all-heads, .map"))
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 120)).join("\\n");
      """;

  @Test
  void aHostileNameIsShownAsText() {
    open(Page.HOSTILE_NAMES, "#layer=0&head=0");

    for (String place :
        List.of("#verdict h1", "#warnings li", "#head blockquote", "#table td.why")) {
      assertThat(browser.text(place))
          .as(place)
          .startsWith("</script><script>window.hacked=1")
          .endsWith("W".repeat(10_000));
    }
    assertThat(browser.text("#provenance .command code"))
        .startsWith("sparseplan search '</script><script>window.hacked=1");
    assertThat(browser.count("img, #page script, svg[onload]")).isZero();
  }

  @Test
  void everyFigureOfTheVerdictStandsOnThePage() {
    open(Page.SMALL, "");
    ReportData data = ReportPage.readData(file(Page.SMALL));

    String verdict = browser.text("#verdict");
    for (Figure figure : data.view().verdict().figures()) {
      assertThat(verdict).contains(figure.label(), figure.value());
    }
    assertThat(browser.text("#times")).contains(data.view().times().orElseThrow().advice());
  }

  @ParameterizedTest
  @EnumSource(names = {"SMALL", "LARGE"})
  void aClickOnAHeadShowsItAndTheAddressKeepsIt(Page page) {
    open(page, "");
    clickHead(9);

    Plan plan = ReportPage.readData(file(page)).plan();
    String title =
        "Layer %d, head %d"
            .formatted(plan.heads().get(9).layer().value(), plan.heads().get(9).head().value());
    assertThat(browser.text("#head h2")).isEqualTo(title);
    assertThat(browser.text("#head")).contains(plan.heads().get(9).why(), "--pin");
    String address = (String) browser.evaluate("return location.href");
    browser.open(address);
    assertThat(browser.text("#head h2")).isEqualTo(title);
    assertThat(browser.count("#map [aria-selected=true]")).isEqualTo(1);
  }

  /** Clicks where the map draws a head. */
  private static void clickHead(int place) {
    var fractions =
        (List<?>)
            browser.evaluate(
                """
                const map = report.panels.find((panel) => panel.id === "map").heads;
                const { x, y } = map.corner(arguments[0]);
                const { width, height } = map.drawing.viewBox.baseVal;
                return [(x + map.cell / 2) / width, (y + map.cell / 2) / height];
                """,
                place);
    browser.click(
        "#map svg.heads",
        ((Number) fractions.get(0)).doubleValue(),
        ((Number) fractions.get(1)).doubleValue());
  }

  @Test
  void theMapIsAGridToThoseWhoCannotSeeIt() {
    open(Page.LARGE, "#layer=79&head=63");

    assertThat(browser.evaluate(CURRENT_CELL))
        .isEqualTo(List.of("80", "64", "80", "64", "true", true));
    assertThat((String) browser.evaluate("return document.querySelector('#map .cell').ariaLabel"))
        .startsWith("L79.H63 ")
        .contains("density ", "recall ", "churn ");
    browser.act("document.querySelector('#map .map').focus();");
    browser.press("ArrowLeft");
    assertThat(browser.evaluate(CURRENT_CELL))
        .isEqualTo(List.of("80", "64", "80", "63", "true", true));
  }

  private static final String CURRENT_CELL =
      """
      const grid = document.querySelector("#map [role=grid]");
      const cell = grid.querySelector("[role=gridcell]");
      return [grid.ariaRowCount, grid.ariaColCount, cell.parentElement.ariaRowIndex,
        cell.ariaColIndex, cell.ariaSelected, grid.getAttribute("aria-activedescendant") === cell.id];
      """;

  @ParameterizedTest
  @EnumSource(names = {"SMALL", "LARGE"})
  void everyHeadHasItsShadeAndItsGlyph(Page page) {
    open(page, "");
    Plan plan = ReportPage.readData(file(page)).plan();

    assertThat(drawn("#map .map .shades [data-level]")).isEqualTo(plan.heads().size());
    assertThat(drawn("#map .map .glyphs")).isEqualTo(plan.heads().size());
  }

  /** How many shapes the paths hold: each starts with an absolute move. */
  private static long drawn(String selector) {
    return (Long)
        browser.evaluate(
            """
            return [...document.querySelectorAll(arguments[0])]
              .reduce((sum, path) => sum + (path.getAttribute("d") ?? "").split("M").length - 1, 0);
            """,
            selector);
  }

  @Test
  void aHeadThatWasNotMeasuredIsHatchedAndADenseOneIsNot() {
    open(Page.PLAN_ALONE, "#colour=recall");
    assertThat(drawn("#map .map .hatch")).isEqualTo(60);
    assertThat(browser.text("#map .legend")).contains("not measured", "--profile PROFILE");
    open(Page.PLAN_ALONE, "#colour=density");
    assertThat(drawn("#map .map .hatch")).isOne();
  }

  @Test
  void aKindOfPatternCanBeShownAlone() {
    open(Page.LARGE, "");
    Plan plan = ReportPage.readData(file(Page.LARGE)).plan();
    long dense =
        plan.heads().stream().filter(head -> head.prefill().label().equals("dense")).count();
    assertThat(drawn("#map .veil")).isZero();

    browser.act("document.querySelector('#map button.kind').click();");
    assertThat((String) browser.evaluate("return location.hash")).contains("kind=dense");
    assertThat(drawn("#map .veil")).isEqualTo(plan.heads().size() - dense);
    browser.act("document.querySelector('#map button.kind').click();");
    assertThat(drawn("#map .veil")).isZero();
  }

  @Test
  void theHeadsAroundOneAreShownLargerWhereTheyAreSmall() {
    open(Page.LARGE, "#layer=40&head=20");
    assertThat(drawn("#map .readout .glyphs")).isBetween(60L, 200L);
    assertThat(browser.text("#map .readout")).contains("L40.H20", "L42", "H24");
    open(Page.SMALL, "#layer=4&head=2");
    assertThat(browser.count("#map .readout svg.heads")).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {390, 1280})
  void lettersOfBaselinesDoNotOverlap(int width) {
    browser.resize(width, 844);
    browser.open(file(Page.SMALL).toUri().toString());

    assertThat(browser.text("#trade-off")).contains("A ", "B ", "C ");
    assertThat((String) browser.evaluate(OVERLAPPING_LETTERS)).isEmpty();
  }

  private static final String OVERLAPPING_LETTERS =
      """
      const boxes = [...document.querySelectorAll("#trade-off text.letter")].map((text) => text.getBBox());
      const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
      return boxes.flatMap((one, nth) => boxes.slice(nth + 1).filter((other) => meet(one, other)))
        .map((box) => `${box.x} ${box.y}`).join("; ");
      """;

  @Test
  void labelsOfACrowdOfMarksDoNotOverlap() {
    open(Page.SMALL, "");

    assertThat(
            browser.evaluate(
                """
                const marks = Array.from({ length: 16 }, (_, nth) => ({ x: 100 + (nth % 4) * 5, y: 60 + nth, text: "ABCDEFGHIJKLMNOP"[nth] }));
                const frame = { left: 60, top: 20, right: 340, bottom: 300 };
                const boxes = labels.place(marks, marks.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 })), frame)
                  .map((place) => place.box);
                return [boxes.length,
                  boxes.filter((box, nth) => boxes.slice(nth + 1).some((other) => labels.shared(box, other) > 0)).length,
                  boxes.filter((box) => box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom).length];
                """))
        .isEqualTo(List.of(16L, 0L, 0L));
  }

  @Test
  void aDeepLinkShowsColourLengthAndPointOfTheCurve() {
    open(Page.SMALL, "#layer=3&head=5&colour=loss&length=2048&point=1");

    assertThat(browser.text("#head h2")).isEqualTo("Layer 3, head 5");
    assertThat(browser.text("#map [aria-pressed=true]")).isEqualTo("loss");
    assertThat(browser.text("#head .choice [aria-pressed=true]")).isEqualTo("2,048");
    assertThat(browser.evaluate("return document.querySelector('#explorer .slider').value"))
        .isEqualTo("1");
    assertThat(browser.count("#trade-off circle.picked")).isEqualTo(1);
    assertThat(layerOfTheLaunch()).startsWith("layer 3,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "#layer=99&head=0", "#layer=-1&head=x&colour=__proto__&point=1e9", "#%"})
  void aLinkToWhatIsNotThereShowsTheStart(String fragment) {
    open(Page.SMALL, fragment);

    assertThat(browser.text("#head h2")).isEqualTo("Where to look first");
    assertThat(browser.logged()).isEmpty();
  }

  @Test
  void theTableSortsAndFilters() {
    open(Page.SMALL, "");
    Plan plan = ReportPage.readData(file(Page.SMALL)).plan();
    browser.act(
        "[...document.querySelectorAll('button.sort')].find((b) => b.textContent === 'loss').click();");

    int costliest = 0;
    for (int place = 1; place < plan.heads().size(); place++) {
      costliest =
          plan.heads().get(place).loss() > plan.heads().get(costliest).loss() ? place : costliest;
    }
    assertThat(browser.text("#table tbody tr td"))
        .isEqualTo(plan.heads().get(costliest).id().toString());
    browser.act(
        "const f = document.querySelector('#table input'); f.value = '^L3\\\\.';"
            + " f.dispatchEvent(new Event('input', { bubbles: true }));");
    assertThat(browser.count("#table tbody tr")).isEqualTo(6);
    assertThat(browser.text("#table [role=status]")).isEqualTo("6 of 60 heads");
  }

  @Test
  void theTableOfALargeModelGetsMoreRowsWhereItEnds() {
    open(Page.LARGE, "");
    long atFirst = browser.count("#table tbody tr");
    assertThat(atFirst).isBetween(50L, 200L);
    assertThat(browser.text("#table [role=status]")).isEqualTo("5,120 of 5,120 heads");

    browser.act("document.getElementById('table').scrollIntoView();");
    browser.act("const f = document.querySelector('.all-heads'); f.scrollTop = f.scrollHeight;");
    assertThat(browser.count("#table tbody tr")).isGreaterThan(atFirst);
    browser.act("dispatchEvent(new Event('beforeprint'));");
    assertThat(browser.count("#table tbody tr")).isEqualTo(5120);
  }

  @Test
  void ticksOfAnAxisDiffer() {
    open(Page.SMALL, "");

    assertThat(
            (String)
                browser.evaluate(
                    """
                    return [[0.000394, 0.000425], [0, 0.0312], [-6, 6], [1e-7, 1.02e-7], [0, 80000], [99995, 100004]]
                      .map(([low, high]) => chart.linear(low, high, 0, 400))
                      .map((scale) => scale.ticks.map(scale.tick))
                      .filter((texts) => texts.length < 2 || new Set(texts).size < texts.length)
                      .map((texts) => texts.join(" ")).join("; ");
                    """))
        .isEmpty();
  }

  @Test
  void theSliderShowsAnotherPlanOfTheCurve() {
    open(Page.SMALL, "");
    String before = browser.text("#explorer dl");
    browser.act(
        "const s = document.querySelector('#explorer .slider'); s.value = 0;"
            + " s.dispatchEvent(new Event('input', { bubbles: true }));");

    assertThat(browser.text("#explorer dl")).isNotEqualTo(before);
    assertThat(drawn("#explorer .changed")).isPositive();
    assertThat((String) browser.evaluate("return location.hash")).contains("point=0");
  }

  private static String layerOfTheLaunch() {
    return (String)
        browser.evaluate(
            "return document.querySelector('#times select').selectedOptions[0].textContent");
  }

  @Test
  void aLayerOfTheTimesShowsItsLaunch() {
    open(Page.SMALL, "");
    browser.click("#times .layers", 0.3, 4.5 / 10);

    assertThat(layerOfTheLaunch()).startsWith("layer 4,");
    assertThat(browser.count("#times .timeline svg")).isEqualTo(2);
  }

  @Test
  void keysMoveColourAndHelp() {
    open(Page.SMALL, "#layer=2&head=2");
    browser.press("ArrowRight");
    browser.press("ArrowDown");
    assertThat(browser.text("#head h2")).isEqualTo("Layer 3, head 3");
    browser.press("c");
    assertThat((String) browser.evaluate("return location.hash")).contains("colour=loss");
    browser.press("l");
    assertThat((String) browser.evaluate("return location.hash")).contains("length=1024");
    browser.press("?");
    assertThat(browser.evaluate("return document.getElementById('help').open")).isEqualTo(true);
    browser.act("document.querySelector('#help button').click();");
    browser.press("Escape");
    assertThat(browser.text("#head h2")).isEqualTo("Where to look first");
    browser.press("0");
    assertThat(browser.evaluate("return location.hash")).isEqualTo("");
    browser.press("/");
    assertThat(browser.evaluate("return document.activeElement.type")).isEqualTo("search");
  }

  @Test
  void everyCandidateOfAHeadHasItsLossAndItsTime() {
    open(Page.SMALL, "#layer=3&head=5");
    ShownHead head = ReportPage.readData(file(Page.SMALL)).view().heads().get(23);

    assertThat(browser.text("#head .candidates thead"))
        .matches("(?s)pattern.*density.*counted.*time.*estimated.*loss.*estimated.*recall.*");
    assertThat(browser.count("#head .candidates tbody tr")).isEqualTo(head.considered().size());
    assertThat(
            (String)
                browser.evaluate(
                    """
                    return [...document.querySelectorAll("#head .candidates tbody tr")]
                      .map((row) => row.cells[2].textContent).join("; ");
                    """))
        .matches("([0-9.]+ (µs|ms)(; )?)+");
  }

  @Test
  void estimatesAndCountsOfThePointOfTheCurveAreToldApart() {
    open(Page.SMALL, "");

    assertThat(
            browser.evaluate(
                """
                return [...document.querySelectorAll("#explorer dd .basis")]
                  .map((basis) => basis.textContent);
                """))
        .isEqualTo(
            List.of(
                "estimated",
                "estimated",
                "estimated",
                "estimated",
                "proven",
                "proven",
                "counted",
                "counted"));
  }

  @Test
  void lightAndDarkFollowTheSystemUntilOneIsChosen() {
    browser.prefer("dark");
    open(Page.SMALL, "");
    String dark = background();
    browser.press("d");
    String light = background();
    browser.press("d");

    assertThat(light).isNotEqualTo(dark);
    assertThat(background()).isEqualTo(dark);
    assertThat(browser.logged()).isEmpty();
    browser.evaluate("localStorage.clear()");
    browser.prefer("light");
    open(Page.SMALL, "");
    assertThat(background()).isEqualTo(light);
  }

  private static String background() {
    return (String)
        browser.evaluate("return getComputedStyle(document.documentElement).backgroundColor");
  }

  @Test
  void thePlanAndTheHeadsCanBeDownloaded() throws Exception {
    Path downloads = Files.createDirectory(directory.resolve("downloads"));
    browser.downloadTo(downloads);
    open(Page.SMALL, "");
    browser.act("document.querySelector('#provenance > button').click();");
    browser.act(
        "[...document.querySelectorAll('#table button')]"
            + ".find((button) => button.textContent === 'Download CSV').click();");

    Path plan = directory.resolve("expected.json");
    ReportPage.readData(file(Page.SMALL)).plan().write(plan);
    assertThat(downloaded(downloads.resolve("plan.json"))).hasSameBinaryContentAs(plan);
    assertThat(Files.readAllLines(downloaded(downloads.resolve("heads.csv")))).hasSize(61);
    browser.act(
        "[...document.querySelectorAll('#table button')]"
            + ".find((button) => button.textContent === 'Download JSON').click();");
    JsonNode heads =
        JsonFile.mapper().readTree(downloaded(downloads.resolve("heads.json")).toFile());
    HeadDecision last = ReportPage.readData(file(Page.SMALL)).plan().heads().getLast();
    assertThat(heads.size()).isEqualTo(60);
    assertThat(heads.get(59).get("head").asString()).isEqualTo(last.id().toString());
    assertThat(heads.get(59).get("pattern").asString()).isEqualTo(last.prefill().label());
    assertThat(heads.get(59).get("loss").asDouble()).isEqualTo(last.loss());
  }

  private static Path downloaded(Path file) throws InterruptedException, IOException {
    Instant last = Instant.now().plus(Duration.ofSeconds(20));
    while (!Files.exists(file) || Files.size(file) == 0) {
      assertThat(Instant.now()).as("%s was not downloaded", file).isBefore(last);
      Thread.sleep(20);
    }
    return file;
  }

  @Test
  void aPlanAloneSaysWhatIsMissingAndWhichCommandGivesIt() {
    open(Page.PLAN_ALONE, "#layer=0&head=3");

    for (String panel :
        List.of(
            "head",
            "trade-off",
            "explorer",
            "times",
            "search",
            "diff",
            "calibration",
            "validity")) {
      assertThat(browser.text("#" + panel)).as(panel).contains("sparseplan ");
    }
    assertThat(browser.text("#head")).contains("chosen anew for each prompt");
    assertThat(browser.text("#verdict")).contains("not measured");
  }

  @Test
  void printedEveryPanelStandsOnLightPaperWithItsTitle() {
    open(Page.SMALL, "#layer=1&head=2");
    browser.evaluate("document.documentElement.dataset.theme = 'dark'");
    browser.emulate("print");
    browser.act("");

    assertThat(
            browser.evaluate(
                """
                return [...document.querySelectorAll("#page .panel")]
                  .map((panel) => panel.querySelector("h1, h2").innerText);
                """))
        .isEqualTo(
            List.of(
                "llama-16m",
                "Run warnings",
                "Layers and heads",
                "Layer 1, head 2",
                "Loss against time",
                "Trade-off explorer",
                "Where the time goes",
                "Search and its bound",
                "Change against the baseline",
                "Calibration prompts",
                "Validity of the times",
                "All heads",
                "Provenance"));
    assertThat(browser.evaluate("return getComputedStyle(document.body).color"))
        .isEqualTo("rgb(29, 35, 39)");
    assertThat((String) browser.evaluate(WIDER_THAN_THE_WINDOW)).isEmpty();
    assertThat(browser.text("#map .kinds")).contains("dense on purpose");
    assertThat(browser.text("#head .choice")).contains("4,096").doesNotContain("2,048");
    browser.emulate("");
    assertThat(browser.printedPages()).isGreaterThan(3);
  }

  @Test
  void pageMarkdownAndTerminalHaveTheSameRowsOfFigures() {
    ReportInput input = FullInput.of(SyntheticProfile.small("llama-16m"));
    open(Page.SMALL, "");
    Set<List<String>> page = FigureRows.ofPage(browser);

    assertThat(page).hasSizeGreaterThan(40);
    assertThat(FigureRows.ofMarkdown(MarkdownReport.of(input))).isEqualTo(page);
    assertThat(FigureRows.ofTerminal(TerminalReport.of(input, CellPaint.NONE))).containsAll(page);
  }

  /** The fastest of several: what the clock says depends on what else the machine does. */
  @Test
  void aLargePageIsDrawnWithinASecond() {
    double firstPaint =
        DoubleStream.generate(
                () -> {
                  open(Page.LARGE, "");
                  return browser.firstPaintMillis();
                })
            .limit(3)
            .min()
            .orElseThrow();

    assertThat(firstPaint).isLessThan(1000);
  }

  /** The median of several, so that neither a collection of garbage nor a lucky run decides. */
  @Test
  void aLargePageAnswersWithinATenthOfASecond() {
    open(Page.LARGE, "");
    var actions =
        List.of(
            CLICK_ON_ANOTHER_HEAD,
            "keys.nextColour();",
            "document.querySelector('button.kind').click();",
            "keys.nextLength();",
            "const s = document.querySelector('#explorer .slider');"
                + " s.value = (Number(s.value) + 1) % (Number(s.max) + 1);"
                + " s.dispatchEvent(new Event('input', { bubbles: true }));",
            "document.querySelector('button.sort').click();",
            "const f = document.querySelector('#table input'); f.value = f.value ? '' : 'L7';"
                + " f.dispatchEvent(new Event('input', { bubbles: true }));",
            "theme.toggle();");

    assertThat(actions)
        .allSatisfy(
            action ->
                assertThat(median(() -> browser.costMillis(action))).as(action).isLessThan(100));
  }

  /** Of a layer that was not shown, so that all panels follow. */
  private static final String CLICK_ON_ANOTHER_HEAD =
      """
      const map = report.panels.find((panel) => panel.id === "map");
      const { drawing } = map.heads;
      const box = drawing.getBoundingClientRect();
      const { x, y } = map.heads.corner(((map.current() ?? 0) + 577) % 5120);
      drawing.dispatchEvent(new MouseEvent("click",
        { bubbles: true, clientX: box.left + x + 1, clientY: box.top + y + 1 }));
      """;

  private static double median(DoubleSupplier millis) {
    return DoubleStream.generate(millis).limit(7).sorted().skip(3).findFirst().orElseThrow();
  }
}
