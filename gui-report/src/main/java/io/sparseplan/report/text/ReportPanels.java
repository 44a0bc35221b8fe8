package io.sparseplan.report.text;

import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.ShownTradeOff;
import io.sparseplan.report.view.ShownValidity;

/**
 * The panels of the page that are figures and words, in the page's order and by its titles, for the
 * formats that have nothing else: so the formats cannot come to differ in a figure.
 */
final class ReportPanels {
  private ReportPanels() {}

  static void append(ReportView view, ReportText text) {
    tradeOff(view.tradeOff(), text);
    text.section("Where the time goes");
    text.paragraph(view.timesNote());
    view.times()
        .ifPresent(
            times -> {
              text.list(times.advice());
              text.table(times.byPart());
            });
    text.section("Search and its bound");
    text.paragraph(view.search().sentence());
    if (!view.search().steps().rows().isEmpty()) {
      text.table(view.search().steps());
    }
    view.search()
        .refinement()
        .ifPresent(
            rounds -> {
              text.paragraph("Searched again by what the plan was measured to lose:");
              text.table(rounds);
            });
    view.diff()
        .ifPresent(
            diff -> {
              text.section("Change against the baseline");
              DiffText.append(diff, text);
            });
    view.calibration()
        .ifPresent(
            calibration -> {
              text.section("Calibration prompts");
              text.table(calibration.byLength());
              text.paragraph("Recall is the attention mass that is kept: a proxy.");
              if (!calibration.disputed().rows().isEmpty()) {
                text.paragraph("Heads that prompts agree on least:");
                text.table(calibration.disputed());
              }
            });
    validity(view.validity(), text);
  }

  private static void tradeOff(ShownTradeOff tradeOff, ReportText text) {
    if (tradeOff.swept() || tradeOff.compared()) {
      text.section("Loss against time");
    }
    if (tradeOff.swept()) {
      text.paragraph("The curve, from the fastest plan to the one that loses least:");
      text.table(tradeOff.curve());
    }
    if (tradeOff.compared()) {
      text.paragraph("What others would choose for the same goal:");
      text.table(tradeOff.baselines());
      if (!tradeOff.withoutPlan().isEmpty()) {
        text.paragraph("No plan within the goal:");
        text.list(tradeOff.withoutPlan());
      }
    }
  }

  private static void validity(ShownValidity validity, ReportText text) {
    text.section("Validity of the times");
    text.paragraph(validity.sentence());
    if (!validity.fit().rows().isEmpty()) {
      text.table(validity.fit());
    }
    validity.rows().map(ShownValidity.Rows::errors).ifPresent(text::table);
  }
}
