package io.sparseplan.cli;

import io.sparseplan.costmodel.DecodePlanPricer;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.PlanPricer;
import io.sparseplan.costmodel.PlanTime;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.Gate;
import io.sparseplan.plans.check.GateLevel;
import io.sparseplan.plans.check.GateQuantity;
import io.sparseplan.plans.check.GateResult;
import io.sparseplan.plans.check.GateResult.Value;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.SelectedTiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The gates of a budget, each asked once; those that were not asked are said to be so. */
final class MeasuredGates {
  private final Budget budget;
  private final Map<GateQuantity, GateResult> results = new EnumMap<>(GateQuantity.class);

  MeasuredGates(Budget budget) {
    this.budget = budget;
  }

  /** Asks one gate, if the budget has it. */
  void ask(GateQuantity quantity, double found, List<Value> values) {
    Gate gate = budget.gates().get(quantity);
    if (gate != null) {
      results.put(quantity, GateResult.of(quantity, gate, found, values));
    }
  }

  /** Says why a gate cannot be asked. */
  void unmeasured(GateQuantity quantity, String why) {
    Gate gate = budget.gates().get(quantity);
    if (gate != null) {
      results.put(quantity, GateResult.unmeasured(quantity, gate, why));
    }
  }

  /** What the weights decide has not changed with them. */
  void unchanged(GateQuantity... quantities) {
    for (GateQuantity quantity : quantities) {
      Gate gate = budget.gates().get(quantity);
      if (gate != null) {
        results.put(quantity, GateResult.unchanged(quantity, gate));
      }
    }
  }

  /** Whether somebody wants to know. */
  boolean wants(GateQuantity quantity) {
    Gate gate = budget.gates().get(quantity);
    return gate != null && gate.level() != GateLevel.OFF;
  }

  /** All gates of the budget. */
  List<GateResult> all() {
    return budget.gates().keySet().stream()
        .map(
            quantity ->
                results.computeIfAbsent(
                    quantity,
                    missing ->
                        GateResult.unmeasured(
                            missing, budget.gates().get(missing), "this verb does not measure it")))
        .toList();
  }

  /** Loss, divergence and answers. */
  void quality(Evaluation evaluation) {
    Measured dense = evaluation.dense();
    Measured plan = evaluation.plan().orElseThrow();
    var losses = new ArrayList<Value>();
    var divergences = new ArrayList<Value>();
    var answers = new ArrayList<Value>();
    for (int n = 0; n < plan.byLength().size(); n++) {
      Measured.AtLength at = plan.byLength().get(n);
      String of = at.length() + " tokens";
      losses.add(new Value(of, at.loss() - dense.byLength().get(n).loss()));
      divergences.add(new Value(of, at.kl()));
      if (dense.byLength().get(n).answersExact() > 0) {
        answers.add(new Value(of, at.answersExact() / dense.byLength().get(n).answersExact()));
      }
    }
    ask(GateQuantity.LOSS, plan.loss() - dense.loss(), losses);
    ask(GateQuantity.KL, plan.kl(), divergences);
    if (dense.answersRight() == 0) {
      unmeasured(
          GateQuantity.ANSWERS,
          "dense has none of %d answers right, so nothing is there to keep"
              .formatted(dense.answers()));
    } else {
      ask(GateQuantity.ANSWERS, (double) plan.answersRight() / dense.answersRight(), answers);
    }
  }

  /** Time, priced anew. */
  void time(Plan plan, DeviceTable table, SelectedTiles tiles) {
    var pricer =
        new PlanPricer(
            table,
            runtime(plan),
            plan.model(),
            plan.layout(),
            plan.heads().stream().map(HeadDecision::prefill).toList(),
            tiles);
    PlanTime time = pricer.of(plan.workload());
    var values = new ArrayList<Value>();
    double sparse = 0;
    double dense = 0;
    for (int n = 0; n < plan.workload().lengths().size(); n++) {
      Workload.Entry entry = plan.workload().lengths().get(n);
      double denseMillis = time.dense(n).getFirst().millis();
      sparse += entry.weight() * time.millis(n);
      dense += entry.weight() * denseMillis;
      values.add(new Value(entry.length() + " tokens", time.millis(n) / denseMillis));
    }
    ask(GateQuantity.TIME, sparse / dense, values);
  }

  /** Time, as the plan itself says. */
  void publishedTime(Plan plan) {
    Prediction predicted = plan.predicted();
    ask(
        GateQuantity.TIME,
        predicted.time().ratio(),
        predicted.byLength().stream()
            .map(at -> new Value(at.length() + " tokens", at.time().ratio()))
            .toList());
  }

  /** The runtime that a plan is for. */
  static AttentionRuntime runtime(Plan plan) {
    String named = plan.device().runtime();
    return named.equals(AttentionRuntime.KERNEL_ALONE.name())
        ? AttentionRuntime.KERNEL_ALONE
        : AttentionRuntime.resolve(named);
  }

  /** Keys and values that the token after the prompt may read. */
  void memory(Plan plan) {
    if (!wants(GateQuantity.MEMORY)) {
      return;
    }
    SplitKvTable table =
        SplitKvTable.ofGpu(plan.device().gpu())
            .orElseGet(() -> SplitKvTable.resolve(SplitKvTable.shippedNames().getFirst()));
    var workload = new Workload(Phase.DECODE, plan.workload().batch(), plan.workload().lengths());
    try {
      DecodePlanPricer.Times times =
          new DecodePlanPricer(
                  table,
                  plan.model(),
                  plan.layout(),
                  plan.heads().stream().map(HeadDecision::decodeOrPrefill).toList())
              .of(workload);
      List<Value> values =
          IntStream.range(0, workload.lengths().size())
              .mapToObj(
                  n ->
                      new Value(
                          workload.lengths().get(n).length() + " tokens",
                          bytes(times, n) / times.denseCacheBytes()[n]))
              .toList();
      ask(
          GateQuantity.MEMORY,
          values.stream().mapToDouble(Value::value).max().orElseThrow(),
          values);
    } catch (BadInputException e) {
      unmeasured(GateQuantity.MEMORY, e.getMessage().lines().findFirst().orElseThrow());
    }
  }

  private static double bytes(DecodePlanPricer.Times times, int lengthIndex) {
    return Arrays.stream(times.cacheBytes()[lengthIndex]).flatMapToLong(Arrays::stream).sum();
  }

  /** How many heads run another pattern. */
  void churn(PlanDiff diff) {
    ask(
        GateQuantity.CHURN,
        diff.churn(),
        diff.changed().stream().map(head -> new Value(head.id().toString(), 1)).toList());
  }
}
