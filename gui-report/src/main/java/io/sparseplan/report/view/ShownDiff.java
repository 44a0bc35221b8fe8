package io.sparseplan.report.view;

import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.plan.PlanDiff.ChangedHead;
import io.sparseplan.plans.plan.PlanDiff.Input;
import io.sparseplan.plans.plan.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What changed against a baseline plan, in finished text.
 *
 * @param sentence how many heads changed
 * @param notes what does not compare, and why
 * @param figures the plan's predictions beside those of the baseline, and {@code counted} what is
 *     counted in both
 * @param heads a row for each head that changed
 * @param changed the places of those heads in layer-major order
 */
public record ShownDiff(
    String sentence,
    List<String> notes,
    Table figures,
    Table counted,
    Table heads,
    List<Integer> changed) {
  public ShownDiff {
    notes = List.copyOf(notes);
    changed = List.copyOf(changed);
  }

  public static ShownDiff of(PlanDiff diff) {
    return new ShownDiff(
        sentence(diff),
        notes(diff),
        figures(Basis.ESTIMATED, estimated(diff)),
        figures(Basis.COUNTED, counted(diff)),
        new Table(
            List.of(
                new Table.Column("head", Basis.GIVEN),
                new Table.Column("baseline", Basis.GIVEN),
                new Table.Column("plan", Basis.GIVEN),
                new Table.Column("loss, baseline", Basis.ESTIMATED),
                new Table.Column("loss, plan", Basis.ESTIMATED),
                new Table.Column("time share, baseline", Basis.ESTIMATED),
                new Table.Column("time share, plan", Basis.ESTIMATED)),
            diff.changed().stream().map(ShownDiff::row).toList()),
        diff.changed().stream()
            .map(ChangedHead::id)
            .map(id -> id.place(diff.plan().model().attention().queryHeads()))
            .toList());
  }

  private static String sentence(PlanDiff diff) {
    return diff.changed().isEmpty()
        ? "Every head runs the baseline's pattern."
        : "%s of %s heads run another pattern than in the baseline (churn %s)."
            .formatted(
                NumberText.count(diff.changed().size()),
                NumberText.count(diff.plan().heads().size()),
                NumberText.percent(diff.churn()));
  }

  private static List<String> notes(PlanDiff diff) {
    var notes = new ArrayList<String>();
    if (!diff.inputs().isEmpty()) {
      notes.add(
          "The two differ in "
              + diff.inputs().stream().map(ShownDiff::word).collect(Collectors.joining(", "))
              + ".");
    }
    if (!diff.lossesCompare()) {
      notes.add("Their predicted losses are not of the same thing and do not compare.");
    }
    if (!diff.timesCompare()) {
      notes.add("Their predicted times are not of the same launches and do not compare.");
    }
    return notes;
  }

  private static String word(Input input) {
    return switch (input) {
      case WEIGHTS -> "the model's weights";
      case PROMPTS -> "the prompts";
      case ARITHMETIC -> "the arithmetic of the profile";
      case STATISTIC -> "the statistic";
      case DEVICE_TABLE -> "the device table";
      case WORKLOAD -> "the workload";
      case GOAL -> "the goal";
    };
  }

  private static Table figures(Basis basis, List<List<String>> rows) {
    return new Table(
        List.of(
            new Table.Column("figure", Basis.GIVEN),
            new Table.Column("baseline", basis),
            new Table.Column("plan", basis),
            new Table.Column("change", basis)),
        rows);
  }

  private static List<List<String>> counted(PlanDiff diff) {
    Plan before = diff.baseline();
    Plan after = diff.plan();
    return List.of(
        compared("mean density", MeanDensity.of(before), MeanDensity.of(after), true),
        comparedCounts("dense heads", denseHeads(before), denseHeads(after)));
  }

  private static long denseHeads(Plan plan) {
    return plan.heads().stream().filter(head -> head.prefill().equals(new Dense())).count();
  }

  private static List<List<String>> estimated(PlanDiff diff) {
    Plan before = diff.baseline();
    Plan after = diff.plan();
    var rows = new ArrayList<List<String>>();
    rows.add(
        compared(
            "predicted loss",
            before.predicted().loss(),
            after.predicted().loss(),
            diff.lossesCompare()));
    rows.add(
        compared(
            "attention time, ms",
            before.predicted().time().planMillis(),
            after.predicted().time().planMillis(),
            diff.timesCompare()));
    rows.add(
        compared(
            "time ÷ " + NumberText.dense(after),
            before.predicted().time().ratio(),
            after.predicted().time().ratio(),
            diff.timesCompare()));
    for (Prediction.AtLength at : after.predicted().byLength()) {
      Optional<Prediction.AtLength> old =
          before.predicted().byLength().stream()
              .filter(other -> other.length().equals(at.length()))
              .findFirst();
      String length = NumberText.count(at.length().count()) + " tokens";
      if (old.isPresent()) {
        rows.add(compared("loss at " + length, old.get().loss(), at.loss(), diff.lossesCompare()));
        rows.add(
            compared(
                "time at " + length + ", ms",
                old.get().time().planMillis(),
                at.time().planMillis(),
                diff.timesCompare()));
      } else {
        rows.add(
            List.of(
                "time at " + length + ", ms",
                Table.NOTHING,
                NumberText.significant(at.time().planMillis()),
                Table.NOTHING));
      }
    }
    return rows;
  }

  private static List<String> compared(
      String figure, double baseline, double plan, boolean compares) {
    return List.of(
        figure,
        NumberText.significant(baseline),
        NumberText.significant(plan),
        compares ? change(baseline, plan) : Table.NOTHING);
  }

  private static List<String> comparedCounts(String figure, long baseline, long plan) {
    return List.of(
        figure,
        NumberText.count(baseline),
        NumberText.count(plan),
        plan == baseline
            ? NumberText.signed(0)
            : (plan < baseline ? "−" : "+") + NumberText.count(Math.abs(plan - baseline)));
  }

  private static String change(double baseline, double plan) {
    String difference = NumberText.signed(plan - baseline);
    return baseline == 0 || plan == baseline
        ? difference
        : "%s (%s)"
            .formatted(
                difference,
                String.format(Locale.ROOT, "%+.1f %%", (plan / baseline - 1) * 100)
                    .replace('-', '−'));
  }

  private static List<String> row(ChangedHead head) {
    HeadId id = head.id();
    return List.of(
        id.toString(),
        pattern(head.before()),
        pattern(head.after()),
        NumberText.significant(head.before().loss()),
        NumberText.significant(head.after().loss()),
        NumberText.percent(head.before().timeShare()),
        NumberText.percent(head.after().timeShare()));
  }

  private static String pattern(HeadDecision head) {
    return head.prefill().label()
        + head.decode().map(decode -> ", decode " + decode.label()).orElse("");
  }
}
