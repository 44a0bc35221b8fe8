package io.sparseplan.cli;

import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.comparison.Contender;
import io.sparseplan.plans.comparison.ContenderOutcome;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.evaluation.WilsonInterval;
import io.sparseplan.plans.plan.Prediction;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** A comparison as people and spreadsheets read it. */
final class ComparisonText {
  private static final CSVFormat CSV =
      CSVFormat.RFC4180
          .builder()
          .setHeader(
              "plan",
              "predicted_loss",
              "predicted_ms",
              "time_ratio",
              "density",
              "kl",
              "loss",
              "perplexity",
              "answers_right",
              "answers",
              "answers_lower",
              "answers_upper",
              "why_none")
          .get();

  private final Comparison comparison;

  ComparisonText(Comparison comparison) {
    this.comparison = comparison;
  }

  String table() {
    var text = new StringBuilder();
    line(
        text,
        "%-34s %10s %7s %8s  %9s %9s %11s  %s",
        "plan",
        "predicted",
        "time",
        "density",
        "KL",
        "loss",
        "perplexity",
        "answers (95 % interval)");
    comparison
        .measurement()
        .ifPresent(
            measurement -> row(text, "dense", "-", "1", "1", Optional.of(measurement.dense())));
    for (Contender contender : comparison.contenders()) {
      switch (contender.outcome()) {
        case ContenderOutcome.Found(var predicted, var measured, var _) ->
            row(
                text,
                contender.label(),
                number("%.5f", predicted.loss()),
                number("%.3f", predicted.time().ratio()),
                number("%.3f", density(predicted)),
                measured);
        case ContenderOutcome.NoPlan(String why) -> line(text, "%-34s %s", contender.label(), why);
      }
    }
    line(
        text,
        "Predicted: loss, %s, summed over heads. Time: of the workload, of dense, on %s.",
        LossText.unit(comparison.calibration().statistic()),
        comparison.device().name());
    comparison
        .measurement()
        .ifPresent(
            measurement ->
                line(
                    text,
                    "Measured on %d prompts%s; KL(dense‖plan) in nats a token, loss in nats per %s.",
                    measurement.promptSet().members().size(),
                    measurement.heldOut()
                        ? ""
                        : ", which the plans were made from in whole or in part",
                    measurement.dense().answers() > 0 ? "answer token" : "token"));
    return text.toString();
  }

  private static void row(
      StringBuilder text,
      String name,
      String predicted,
      String time,
      String density,
      Optional<Measured> measured) {
    line(
        text,
        "%-34s %10s %7s %8s  %9s %9s %11s  %s",
        name,
        predicted,
        time,
        density,
        measured.map(of -> number("%.5f", of.kl())).orElse("-"),
        measured.map(of -> number("%.4f", of.loss())).orElse("-"),
        measured.map(of -> number("%.3f", of.perplexity())).orElse("-"),
        measured.map(ComparisonText::answers).orElse("-"));
  }

  private static String answers(Measured measured) {
    if (measured.answers() == 0) {
      return "-";
    }
    var kept = WilsonInterval.of(measured.answersRight(), measured.answers());
    return String.format(
        Locale.ROOT,
        "%d of %d (%.1f to %.1f %%)",
        measured.answersRight(),
        measured.answers(),
        100 * kept.lower(),
        100 * kept.upper());
  }

  String csv() {
    var text = new StringBuilder();
    try {
      var printer = new CSVPrinter(text, CSV);
      if (comparison.measurement().isPresent()) {
        record(printer, "dense", "", "", 1, 1, comparison.measurement().map(m -> m.dense()));
      }
      for (Contender contender : comparison.contenders()) {
        switch (contender.outcome()) {
          case ContenderOutcome.Found(var predicted, var measured, var _) ->
              record(
                  printer,
                  contender.label(),
                  predicted.loss(),
                  predicted.time().planMillis(),
                  predicted.time().ratio(),
                  density(predicted),
                  measured);
          case ContenderOutcome.NoPlan(String why) ->
              printer.printRecord(
                  contender.label(), "", "", "", "", "", "", "", "", "", "", "", why);
        }
      }
      printer.flush();
    } catch (IOException e) {
      throw new IllegalStateException("A text in memory cannot be written.", e);
    }
    return text.toString();
  }

  private static void record(
      CSVPrinter printer,
      String name,
      Object loss,
      Object millis,
      double timeRatio,
      double density,
      Optional<Measured> measured)
      throws IOException {
    Optional<Measured> withAnswers = measured.filter(of -> of.answers() > 0);
    Optional<WilsonInterval> kept =
        withAnswers.map(of -> WilsonInterval.of(of.answersRight(), of.answers()));
    printer.printRecord(
        name,
        loss,
        millis,
        timeRatio,
        density,
        cell(measured.map(Measured::kl)),
        cell(measured.map(Measured::loss)),
        cell(measured.map(Measured::perplexity)),
        cell(withAnswers.map(Measured::answersRight)),
        cell(withAnswers.map(Measured::answers)),
        cell(kept.map(WilsonInterval::lower)),
        cell(kept.map(WilsonInterval::upper)),
        "");
  }

  private static String cell(Optional<?> value) {
    return value.map(Object::toString).orElse("");
  }

  /** Visited tiles ÷ dense tiles, mean over heads and lengths. */
  private static double density(Prediction predicted) {
    return predicted.byLength().stream()
        .mapToDouble(Prediction.AtLength::density)
        .average()
        .orElseThrow();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
