package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.evaluation.Measured.MissedAnswer;
import java.util.List;
import java.util.Locale;

/** An evaluation as people read it. */
final class EvaluationTable {
  /** A perplexity that fits its column. */
  private static final double MOST_PLAIN = 1e6;

  private final StringBuilder text = new StringBuilder();

  private EvaluationTable() {}

  static String of(Evaluation evaluation) {
    var table = new EvaluationTable();
    table.line(
        "%-8s %7s %12s %11s %12s %9s",
        "model", "length", "loss", "perplexity", "KL(dense‖·)", "answers");
    table.rows("dense", evaluation.dense());
    evaluation.plan().ifPresent(plan -> table.rows("plan", plan));
    int prompts = evaluation.promptSet().members().size();
    table.line(
        "Measured on %d %s%s; loss in nats per %s.",
        prompts,
        prompts == 1 ? "prompt" : "prompts",
        evaluation.heldOut() ? "" : ", which the plan was made from in whole or in part",
        evaluation.dense().answers() > 0 ? "answer token" : "token");
    table.missed("dense", evaluation.dense());
    evaluation.plan().ifPresent(plan -> table.missed("plan", plan));
    return table.text.toString();
  }

  private void rows(String name, Measured measured) {
    for (Measured.AtLength at : measured.byLength()) {
      row(
          name,
          at.length().toString(),
          at.loss(),
          at.perplexity(),
          at.kl(),
          answers((int) Math.round(at.answersExact() * at.answers()), at.answers()));
    }
    row(
        name,
        "all",
        measured.loss(),
        measured.perplexity(),
        measured.kl(),
        answers(measured.answersRight(), measured.answers()));
  }

  private void row(
      String name, String length, double loss, double perplexity, double kl, String answers) {
    String form = perplexity < MOST_PLAIN ? "%.4f" : "%.4e";
    line(
        "%-8s %7s %12.6f %11s %12.6f %9s",
        name, length, loss, String.format(Locale.ROOT, form, perplexity), kl, answers);
  }

  private static String answers(int right, int all) {
    return all == 0 ? "-" : right + "/" + all;
  }

  private void missed(String name, Measured measured) {
    List<MissedAnswer> missed = measured.missed();
    for (MissedAnswer answer : missed) {
      line(
          "Missed by %s: the answer at token %d of the prompt on line %d (%s tokens).",
          name, answer.firstToken(), answer.promptLine(), answer.length());
    }
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
