package io.sparseplan.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.fixture.FullInput;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import io.sparseplan.report.view.Figure;
import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.Table;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalReportTest {
  private static final ReportInput INPUT = FullInput.of(SyntheticProfile.small("llama-16m"));

  @Test
  void pageMarkdownAndTerminalAgreeInEveryFigure() {
    ReportView page = ReportData.of(INPUT).view();
    String markdown = MarkdownReport.of(INPUT);
    String terminal = TerminalReport.of(INPUT, CellPaint.NONE);

    assertThat(terminal).contains(page.verdict().sentence(), page.verdict().measuredOn());
    for (Figure figure : page.verdict().figures()) {
      String value = (figure.value() + " " + figure.unit()).strip();
      assertThat(terminal.lines())
          .anySatisfy(line -> assertThat(line).startsWith(figure.label()).contains(value));
      assertThat(markdown)
          .contains(
              "| %s | %s |".formatted(Markdown.escape(figure.label()), Markdown.escape(value)));
    }
    for (Table table : List.of(page.verdict().byLength(), page.times().orElseThrow().byPart())) {
      for (List<String> row : table.rows()) {
        assertThat(terminal.lines())
            .anySatisfy(line -> assertThat(line.split(" {2,}")).containsExactlyElementsOf(row));
        assertThat(markdown)
            .contains(String.join(" | ", row.stream().map(Markdown::escape).toList()));
      }
    }
    page.verdict()
        .limits()
        .forEach(limit -> assertThat(terminal).contains(limit.quantity(), limit.found()));
  }

  @Test
  void theMapHasALineALayerAndACellAHead() {
    List<String> map =
        TerminalReport.of(INPUT, CellPaint.NONE)
            .lines()
            .filter(line -> line.matches("L\\d+ +([a-zD][0-9*?] ?)+"))
            .toList();

    assertThat(map).hasSize(10).allSatisfy(line -> assertThat(line.split(" +")).hasSize(7));
    assertThat(String.join(" ", map).chars().filter(letter -> letter == 'D').count())
        .isEqualTo(
            INPUT.plan().heads().stream()
                .filter(head -> head.prefill().label().equals("dense"))
                .count());
  }

  @Test
  void paintGetsEveryCellWithItsDensity() {
    String painted =
        TerminalReport.of(
            INPUT,
            (cell, density) -> density == 1 && cell.startsWith("D") ? "[" + cell + "]" : cell);

    assertThat(painted).contains("[D*]");
    assertThat(painted.replaceAll("\\[(D\\*)]", "$1"))
        .isEqualTo(TerminalReport.of(INPUT, CellPaint.NONE));
  }

  @Test
  void aHostileNameCannotMoveTheCursorOrTurnTextAround() {
    Profile profile = SyntheticProfile.small("\u001b[2Jbad\u202ename\u2028\r\u0007");

    assertThat(TerminalReport.of(ReportInput.of(SyntheticPlan.of(profile)), CellPaint.NONE))
        .contains(" [2Jbad name")
        .doesNotContain("\u001b", "\u202e", "\u2028", "\r", "\u0007");
  }
}
