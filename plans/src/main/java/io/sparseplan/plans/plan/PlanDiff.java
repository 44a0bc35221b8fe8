package io.sparseplan.plans.plan;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.LayerCount;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * In what a plan differs from a baseline for a model of the same shape.
 *
 * @param changed the heads that run another pattern, in layer-major order
 * @param inputs what else differs; where the {@link Input#STATISTIC} or the prompts do, losses of
 *     the two plans do not compare, and where the device table does, times do not
 */
public record PlanDiff(Plan baseline, Plan plan, List<ChangedHead> changed, Set<Input> inputs) {
  /** An input of a search that can differ between two plans. */
  public enum Input {
    WEIGHTS,
    PROMPTS,
    ARITHMETIC,
    STATISTIC,
    DEVICE_TABLE,
    WORKLOAD,
    GOAL
  }

  /** A head that runs another pattern than before. */
  public record ChangedHead(HeadDecision before, HeadDecision after) {
    public HeadId id() {
      return after.id();
    }
  }

  public PlanDiff {
    changed = List.copyOf(changed);
    inputs = inputs.isEmpty() ? Set.of() : EnumSet.copyOf(inputs);
  }

  /**
   * @throws BadInputException if the plans are not for models of the same shape
   */
  public static PlanDiff between(Plan baseline, Plan plan) {
    requireShape(baseline, plan);
    var changed = new ArrayList<ChangedHead>();
    for (int place = 0; place < plan.heads().size(); place++) {
      HeadDecision before = baseline.heads().get(place);
      HeadDecision after = plan.heads().get(place);
      if (!before.prefill().equals(after.prefill())
          || !before.decodeOrPrefill().equals(after.decodeOrPrefill())) {
        changed.add(new ChangedHead(before, after));
      }
    }
    return new PlanDiff(baseline, plan, changed, differingInputs(baseline, plan));
  }

  /** The share of heads that run another pattern, 0..1. */
  public double churn() {
    return changed.size() / (double) plan.heads().size();
  }

  /** Whether the predicted losses of the two are of the same statistic on the same prompts. */
  public boolean lossesCompare() {
    return !inputs.contains(Input.STATISTIC)
        && !inputs.contains(Input.PROMPTS)
        && !inputs.contains(Input.WORKLOAD);
  }

  /** Whether the predicted times of the two are of the same device and workload. */
  public boolean timesCompare() {
    return !inputs.contains(Input.DEVICE_TABLE) && !inputs.contains(Input.WORKLOAD);
  }

  private static Set<Input> differingInputs(Plan baseline, Plan plan) {
    var inputs = EnumSet.noneOf(Input.class);
    if (!baseline.model().sameWeights(plan.model())) {
      inputs.add(Input.WEIGHTS);
    }
    if (!baseline.calibration().promptSet().equals(plan.calibration().promptSet())) {
      inputs.add(Input.PROMPTS);
    }
    if (baseline.calibration().arithmetic() != plan.calibration().arithmetic()) {
      inputs.add(Input.ARITHMETIC);
    }
    if (!baseline.calibration().statistic().equals(plan.calibration().statistic())) {
      inputs.add(Input.STATISTIC);
    }
    if (!baseline.device().sha256().equals(plan.device().sha256())) {
      inputs.add(Input.DEVICE_TABLE);
    }
    if (!baseline.workload().equals(plan.workload())) {
      inputs.add(Input.WORKLOAD);
    }
    if (!baseline.goal().equals(plan.goal())) {
      inputs.add(Input.GOAL);
    }
    return inputs;
  }

  private static void requireShape(Plan baseline, Plan plan) {
    LayerCount layers = baseline.model().layers();
    AttentionShape attention = baseline.model().attention();
    if (!layers.equals(plan.model().layers()) || !attention.equals(plan.model().attention())) {
      throw new BadInputException(
          ("The baseline is for %s (%d layers, %d query heads, %d key-value heads, head_dim %d);"
                  + " the plan is for %s (%d, %d, %d, %d).")
              .formatted(
                  baseline.model().name(),
                  layers.count(),
                  attention.queryHeads().count(),
                  attention.kvHeads().count(),
                  attention.headDim().count(),
                  plan.model().name(),
                  plan.model().layers().count(),
                  plan.model().attention().queryHeads().count(),
                  plan.model().attention().kvHeads().count(),
                  plan.model().attention().headDim().count()),
          "compare plans for models of one shape.");
    }
  }
}
