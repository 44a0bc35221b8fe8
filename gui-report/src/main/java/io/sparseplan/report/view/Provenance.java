package io.sparseplan.report.view;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.SolverOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Everything that made the plan, as the page lists it. */
final class Provenance {
  private Provenance() {}

  static List<FactGroup> of(Plan plan, Optional<Evaluation> evaluation) {
    var groups = new ArrayList<FactGroup>();
    groups.add(model(plan.model()));
    groups.add(calibration(plan));
    groups.add(device(plan.device()));
    groups.add(goal(plan));
    groups.add(search(plan));
    evaluation.ifPresent(measured -> groups.add(evaluation(measured)));
    groups.add(run("This run of the search, not part of the plan's identity", plan.run()));
    return groups;
  }

  private static FactGroup model(ModelIdentity model) {
    AttentionShape attention = model.attention();
    return new FactGroup(
        "Model",
        List.of(
            Fact.text("name", model.name()),
            Fact.text("architecture", model.architecture()),
            Fact.text(
                "attention",
                "%s layers of %s query heads and %s key-value heads, head_dim %s"
                    .formatted(
                        NumberText.count(model.layers().count()),
                        NumberText.count(attention.queryHeads().count()),
                        NumberText.count(attention.kvHeads().count()),
                        NumberText.count(attention.headDim().count()))),
            Fact.text("RoPE theta", NumberText.significant(model.rope().theta())),
            Fact.code("config SHA-256", model.config().hex()),
            Fact.code("weights SHA-256", model.weights().hex())));
  }

  private static FactGroup calibration(Plan plan) {
    return new FactGroup(
        "Calibration",
        List.of(
            Fact.text("prompts", Prompts.described(plan.calibration().promptSet())),
            Fact.code("prompt set SHA-256", plan.calibration().promptSet().hash().hex()),
            Fact.text("arithmetic", plan.calibration().arithmetic().text()),
            Fact.text("statistic", StatisticText.of(plan.calibration().statistic()))));
  }

  private static FactGroup device(DeviceIdentity device) {
    return new FactGroup(
        "Device table",
        List.of(
            Fact.text("name", device.name()),
            Fact.text("GPU", device.gpu()),
            Fact.text("kernel", device.kernel()),
            Fact.text(
                "mean error of the table",
                device.notMeasured()
                    ? device.errorLabel()
                    : NumberText.significant(device.meanErrorPercent())
                        + " % of the measured time, on the rows that it was fitted to"),
            Fact.code("table SHA-256", device.sha256().hex())));
  }

  private static FactGroup goal(Plan plan) {
    return new FactGroup(
        "Goal",
        List.of(
            Fact.text("aim", GoalText.aim(plan.goal())),
            Fact.text(
                "limits",
                LimitChecks.of(plan).stream()
                    .map(limit -> limit.quantity() + " " + limit.expected())
                    .collect(Collectors.joining("; "))),
            Fact.text("rules", GoalText.rules(plan.goal().rules())),
            Fact.text(
                "workload",
                "%s, batch %s, %s"
                    .formatted(
                        plan.workload().phase().name().toLowerCase(Locale.ROOT),
                        NumberText.count(plan.workload().batch()),
                        plan.workload().lengths().stream()
                            .map(
                                entry ->
                                    "%s tokens × %s"
                                        .formatted(
                                            NumberText.count(entry.length().count()),
                                            NumberText.plain(entry.weight())))
                            .collect(Collectors.joining(", ")))),
            Fact.text(
                "tiles",
                "%s × %s tokens, %s"
                    .formatted(
                        plan.layout().tile().tokens(),
                        plan.layout().tile().tokens(),
                        plan.layout().tokens().text()))));
  }

  private static FactGroup search(Plan plan) {
    SolverOutcome solver = plan.solver();
    return new FactGroup(
        "Search",
        List.of(
            Fact.text(
                "tool",
                "%s %s, plan schema %d"
                    .formatted(
                        plan.tool().name(), plan.tool().version(), plan.schemaVersion().number())),
            Fact.text("strategy", solver.strategy().name().toLowerCase(Locale.ROOT)),
            Fact.text("seed", Long.toString(solver.seed())),
            Fact.text(
                "effort",
                "%s %s, %s score calculations"
                    .formatted(
                        NumberText.count(solver.steps()),
                        solver.steps() == 1 ? "step" : "steps",
                        NumberText.count(solver.scoreCalculations()))),
            Fact.text(
                "reproducible",
                solver.reproducible()
                    ? "yes: the same input gives the same plan, byte for byte"
                    : "no: the search was stopped by the clock"),
            Fact.command("make it again", plan.tool().name() + " " + plan.run().command())));
  }

  private static FactGroup evaluation(Evaluation evaluation) {
    return new FactGroup(
        "Evaluation",
        List.of(
            Fact.text("prompts", Prompts.described(evaluation.promptSet())),
            Fact.text("held out", evaluation.heldOut() ? "yes" : "no"),
            Fact.code("prompt set SHA-256", evaluation.promptSet().hash().hex()),
            Fact.text("tool", evaluation.tool().name() + " " + evaluation.tool().version()),
            Fact.command(
                "make it again", evaluation.tool().name() + " " + evaluation.run().command())));
  }

  private static FactGroup run(String title, Run run) {
    return new FactGroup(
        title,
        List.of(
            Fact.text("finished at", run.finishedAt()),
            Fact.text("host", run.host()),
            Fact.text("threads", NumberText.count(run.threads())),
            Fact.text("duration", NumberText.significant(run.durationMillis() / 1000.0) + " s")));
  }
}
