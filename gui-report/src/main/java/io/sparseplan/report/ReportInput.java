package io.sparseplan.report;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.source.ChartedCurve;
import io.sparseplan.report.source.PlanDevice;
import io.sparseplan.report.source.Validation;
import java.util.HashSet;
import java.util.Optional;

/**
 * What a report is made of: a plan, and perhaps the profile that it was made from, how it did, the
 * plan that it would replace, and more that it is judged by. Where one is missing, the page says
 * how to get it.
 *
 * @param device what the plan was priced with
 * @param comparison what peers would choose for the same goal
 * @param curve plans for other limits on the time
 * @param validation launches that were priced and measured
 * @throws BadInputException if they are not of the same model, or the plan was not made from this
 *     profile or priced with this device; the baseline may be of other weights
 */
public record ReportInput(
    Plan plan,
    Optional<Profile> profile,
    Optional<Evaluation> evaluation,
    Optional<Plan> baseline,
    Optional<PlanDevice> device,
    Optional<Comparison> comparison,
    Optional<ChartedCurve> curve,
    Optional<Validation> validation) {
  private static final String OTHER_PROFILE =
      "give the profile that the plan was made from, or search again from this one.";

  public ReportInput {
    evaluation.ifPresent(measured -> requireModel("evaluation", measured.model(), plan.model()));
    profile.ifPresent(
        found -> {
          requireModel("profile", found.model(), plan.model());
          requireSamePrompts(plan, found);
          requireScored(plan, found);
        });
    device.ifPresent(priced -> priced.requireOf(plan));
    comparison.ifPresent(
        found -> {
          requireModel("comparison", found.model(), plan.model());
          requireSameAxes(
              "comparison", found.calibration(), found.device(), found.workload(), plan);
        });
    curve
        .map(ChartedCurve::curve)
        .ifPresent(
            found -> {
              requireModel("curve", found.model(), plan.model());
              requireSameAxes("curve", found.calibration(), found.device(), found.workload(), plan);
            });
  }

  /** A plan alone, with the device that it names where that comes with the program. */
  public static ReportInput of(Plan plan) {
    return new ReportInput(
        plan,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        PlanDevice.shipped(plan),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public ReportInput with(Profile made) {
    return new ReportInput(
        plan, Optional.of(made), evaluation, baseline, device, comparison, curve, validation);
  }

  public ReportInput with(Evaluation measured) {
    return new ReportInput(
        plan, profile, Optional.of(measured), baseline, device, comparison, curve, validation);
  }

  public ReportInput withBaseline(Plan replaced) {
    return new ReportInput(
        plan, profile, evaluation, Optional.of(replaced), device, comparison, curve, validation);
  }

  public ReportInput with(PlanDevice priced) {
    return new ReportInput(
        plan, profile, evaluation, baseline, Optional.of(priced), comparison, curve, validation);
  }

  public ReportInput with(Comparison peers) {
    return new ReportInput(
        plan, profile, evaluation, baseline, device, Optional.of(peers), curve, validation);
  }

  public ReportInput with(ChartedCurve charted) {
    return new ReportInput(
        plan, profile, evaluation, baseline, device, comparison, Optional.of(charted), validation);
  }

  public ReportInput with(Validation rows) {
    return new ReportInput(
        plan, profile, evaluation, baseline, device, comparison, curve, Optional.of(rows));
  }

  /** Losses and times can share a picture only if they mean the same. */
  private static void requireSameAxes(
      String what, Calibration calibration, DeviceIdentity device, Workload workload, Plan plan) {
    requireSame(
        what,
        "the loss of another statistic, other prompts or another arithmetic",
        calibration.sameLosses(plan.calibration()));
    requireSame(
        what,
        "the time on %s, run by %s".formatted(device.name(), device.runtime()),
        device.equals(plan.device()));
    requireSame(what, "the time of another workload", workload.equals(plan.workload()));
  }

  private static void requireSame(String what, String has, boolean same) {
    if (!same) {
      throw new BadInputException(
          "The %s has %s; the plan does not.".formatted(what, has),
          "make it with the options of the search that made the plan.");
    }
  }

  static void requireModel(String what, ModelIdentity found, ModelIdentity expected) {
    if (!found.sameWeights(expected)) {
      throw new BadInputException(
          ("The %s is of model %s (config %s, weights %s);"
                  + " the plan is for model %s (config %s, weights %s).")
              .formatted(
                  what,
                  found.name(),
                  found.config().abbreviated(),
                  found.weights().abbreviated(),
                  expected.name(),
                  expected.config().abbreviated(),
                  expected.weights().abbreviated()),
          "give the %s of the plan's model.".formatted(what));
    }
  }

  private static void requireSamePrompts(Plan plan, Profile profile) {
    if (!profile.promptSet().equals(plan.calibration().promptSet())) {
      throw new BadInputException(
          "The profile's prompt set (%s) is not the one that the plan was made from (%s)."
              .formatted(
                  profile.promptSet().hash().abbreviated(),
                  plan.calibration().promptSet().hash().abbreviated()),
          OTHER_PROFILE);
    }
    if (profile.arithmetic() != plan.calibration().arithmetic()) {
      throw new BadInputException(
          "The profile was made in %s, the one that the plan was made from in %s."
              .formatted(profile.arithmetic().text(), plan.calibration().arithmetic().text()),
          OTHER_PROFILE);
    }
    if (!profile.tile().equals(plan.layout().tile())) {
      throw new BadInputException(
          "The profile's tile (%d tokens) is not the plan's (%d tokens)."
              .formatted(profile.tile().tokens(), plan.layout().tile().tokens()),
          OTHER_PROFILE);
    }
    if (!profile.layout().equals(plan.layout().tokens())) {
      throw new BadInputException(
          "The profile's tokens lie as %s, the plan's as %s."
              .formatted(profile.layout().text(), plan.layout().tokens().text()),
          OTHER_PROFILE);
    }
  }

  private static void requireScored(Plan plan, Profile profile) {
    for (Workload.Entry entry : plan.workload().lengths()) {
      if (!profile.lengths().contains(entry.length())) {
        throw new BadInputException(
            "The plan's workload has length %s; the profile has the lengths %s."
                .formatted(entry.length(), profile.lengths()),
            OTHER_PROFILE);
      }
    }
    var scored = new HashSet<>(profile.candidates());
    for (HeadDecision head : plan.heads()) {
      if (!scored.contains(head.prefill())) {
        throw new BadInputException(
            "The plan's head %s runs %s, which is not among the profile's %d candidates."
                .formatted(head.id(), head.prefill().label(), scored.size()),
            OTHER_PROFILE);
      }
    }
  }
}
