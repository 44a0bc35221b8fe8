package io.sparseplan.report.view;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.plan.DenseWins;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Prediction.Times;
import io.sparseplan.plans.plan.SolverOutcome;
import io.sparseplan.plans.plan.Vouched;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The numbers at the top of the page. */
final class VerdictFigures {
  private VerdictFigures() {}

  static List<Figure> of(Plan plan, Optional<Evaluation> evaluation) {
    var figures = new ArrayList<Figure>();
    figures.add(attentionTime(plan));
    figures.add(density(plan));
    figures.add(predictedLoss(plan));
    figures.add(roomBelow(plan.solver()));
    Optional<Measured> dense = evaluation.map(Evaluation::dense);
    Optional<Measured> measured = evaluation.flatMap(Evaluation::plan);
    if (measured.isPresent()) {
      figures.add(lossChange(dense.get(), measured.get()));
      figures.add(answersRight(dense.get(), measured.get()));
      figures.add(divergence(dense.get(), measured.get()));
    } else {
      for (String label : List.of("Loss change", "Answers right", "KL from dense")) {
        figures.add(
            new Figure(label, Basis.NOT_MEASURED.word(), "", Basis.NOT_MEASURED, List.of()));
      }
    }
    return figures;
  }

  private static Figure attentionTime(Plan plan) {
    Times time = plan.predicted().time();
    DenseTime own = time.dense().getFirst();
    var notes = new ArrayList<String>();
    notes.add(
        "%s: %s ms, dense %s ms"
            .formatted(
                NumberText.speedUp(time.ratio()),
                NumberText.significant(time.planMillis()),
                NumberText.significant(own.millis())));
    time.dense().stream()
        .skip(1)
        .forEach(
            other -> {
              double ratio = time.planMillis() / other.millis();
              notes.add(
                  "%s of %s: %s"
                      .formatted(
                          NumberText.ratio(ratio),
                          NumberText.dense(other.kernel()),
                          NumberText.speedUp(ratio)));
            });
    notes.add(denseWins(plan.predicted().denseWins()));
    notes.add(vouched(plan.predicted().vouched()));
    if (plan.device().notMeasured()) {
      notes.add(plan.device().errorLabel() + ": " + plan.device().gpu());
    }
    return new Figure(
        "Attention time",
        NumberText.ratio(time.ratio()),
        "of " + NumberText.dense(own.kernel()),
        Basis.ESTIMATED,
        notes);
  }

  private static String denseWins(DenseWins wins) {
    String triedTo = NumberText.count(wins.triedTo().count());
    return wins.below()
        .map(
            below ->
                "dense is faster below %s tokens (tried up to %s)"
                    .formatted(NumberText.count(below.count()), triedTo))
        .orElse(
            "dense is faster at every length that was tried, up to %s tokens".formatted(triedTo));
  }

  private static String vouched(Vouched vouched) {
    return "vouched for up to %s tokens; longer prompts run %s"
        .formatted(
            NumberText.count(vouched.upTo().count()),
            switch (vouched.beyond()) {
              case DENSE -> "dense";
              case PATTERNS -> "the patterns all the same";
            });
  }

  private static Figure density(Plan plan) {
    return new Figure(
        "Mean density",
        NumberText.ratio(MeanDensity.of(plan)),
        "",
        Basis.COUNTED,
        List.of("visited tiles ÷ tiles that dense attention visits"));
  }

  private static Figure predictedLoss(Plan plan) {
    return new Figure(
        "Predicted loss",
        NumberText.significant(plan.predicted().loss()),
        "",
        Basis.ESTIMATED,
        switch (plan.goal().lossOver()) {
          case MEAN -> List.of(StatisticText.of(plan.calibration().statistic()));
          case WORST_LENGTH ->
              List.of(
                  StatisticText.of(plan.calibration().statistic()),
                  "mean over the lengths; at the worst "
                      + NumberText.significant(plan.solver().loss().found()));
        });
  }

  private static Figure roomBelow(SolverOutcome solver) {
    return new Figure(
        "Gap to the bound",
        NumberText.percent(solver.gap()),
        "",
        Basis.PROVEN,
        List.of(
            "no plan in these limits loses less than %s; this one %s"
                .formatted(
                    NumberText.significant(solver.loss().bound()),
                    NumberText.significant(solver.loss().found())),
            "none that loses as little takes less than %s ms; this one %s ms"
                .formatted(
                    NumberText.significant(solver.timeMillis().bound()),
                    NumberText.significant(solver.timeMillis().found()))));
  }

  private static Figure lossChange(Measured dense, Measured plan) {
    return new Figure(
        "Loss change",
        NumberText.signed(plan.loss() - dense.loss()),
        "nats",
        Basis.MEASURED,
        List.of(
            "per %s: dense %s, plan %s"
                .formatted(
                    plan.answers() > 0 ? "answer token" : "token",
                    NumberText.significant(dense.loss()),
                    NumberText.significant(plan.loss()))));
  }

  private static Figure answersRight(Measured dense, Measured plan) {
    if (plan.answers() == 0) {
      return new Figure(
          "Answers right",
          Basis.NOT_MEASURED.word(),
          "",
          Basis.NOT_MEASURED,
          List.of("the prompts mark no answers"));
    }
    var interval = WilsonInterval.of(plan.answersExact(), plan.answers());
    return new Figure(
        "Answers right",
        NumberText.count(plan.answersRight()),
        "of " + NumberText.count(plan.answers()),
        Basis.MEASURED,
        List.of(
            "dense %s of %s"
                .formatted(
                    NumberText.count(dense.answersRight()), NumberText.count(dense.answers())),
            "95 %% interval %s to %s"
                .formatted(
                    NumberText.percent(interval.low()), NumberText.percent(interval.high()))));
  }

  private static Figure divergence(Measured dense, Measured plan) {
    return new Figure(
        "KL from dense",
        NumberText.significant(plan.kl()),
        "nats a token",
        Basis.MEASURED,
        List.of(
            "KL(dense ‖ plan), mean over all tokens",
            "perplexity: dense %s, plan %s"
                .formatted(
                    NumberText.significant(dense.perplexity()),
                    NumberText.significant(plan.perplexity()))));
  }
}
