package io.sparseplan.plans.plan;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which pattern every head runs, with everything needed to trust and to reproduce the choice.
 * Written as {@code plan.json}; its schema is {@link PlanSchema}.
 *
 * @param warnings what a reviewer must know: prices outside the measured range, few prompts
 * @param heads every head of the model, in layer-major order
 * @param run the only part in which two runs on the same input differ
 */
public record Plan(
    SchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Layout layout,
    Calibration calibration,
    DeviceIdentity device,
    Workload workload,
    Goal goal,
    SolverOutcome solver,
    Prediction predicted,
    List<String> warnings,
    List<HeadDecision> heads,
    Run run)
    implements HeadPlan {
  public Plan {
    warnings = List.copyOf(warnings);
    heads = List.copyOf(heads);
    PlannedHead.requireLayerMajor(heads, model);
    requireOfWorkload(predicted, workload);
  }

  private static void requireOfWorkload(Prediction predicted, Workload workload) {
    List<Tokens> lengths = workload.lengths().stream().map(Workload.Entry::length).toList();
    for (Prediction.AtLength at : predicted.byLength()) {
      if (!lengths.contains(at.length())) {
        throw new IllegalArgumentException(
            "The predicted length %s is not in the workload %s.".formatted(at.length(), lengths));
      }
    }
  }

  /**
   * The same decisions for other weights of a model of the same heads. What was predicted is still
   * of the old weights.
   */
  public Plan forModel(ModelIdentity other) {
    return with(other, calibration, solver, warnings, heads);
  }

  /** The same plan, whose search went on where that of another ended. */
  public Plan searchedAfter(Plan before) {
    return with(model, calibration, solver.after(before.solver), warnings, heads);
  }

  /** The same plan with how it was refined. */
  public Plan refined(Refinement refinement) {
    return with(model, calibration.with(refinement), solver, warnings, heads);
  }

  /**
   * The same plan of a video model, its heads dense in the steps at the ends.
   *
   * @throws BadInputException if the plan is not of a video
   */
  public Plan during(DenoisingSteps steps) {
    if (layout.video().isEmpty()) {
      throw new BadInputException(
          "The plan is of %s, which has no denoising steps.".formatted(model.name()),
          "leave --steps out.");
    }
    List<String> noted =
        Stream.concat(
                warnings.stream(),
                Stream.of(
                    "Times and losses are of one sparse step; %d of %d steps are dense."
                        .formatted(steps.first().steps() + steps.last().steps(), steps.count())))
            .toList();
    return with(
        model, calibration, solver, noted, heads.stream().map(head -> head.during(steps)).toList());
  }

  @Override
  public Optional<Vouched> vouched() {
    return Optional.of(predicted.vouched());
  }

  @Override
  public Plan at(Tokens length) {
    return predicted.vouched().isDenseAt(length)
        ? with(
            model,
            calibration,
            solver,
            warnings,
            heads.stream().map(head -> head.dense(length)).toList())
        : this;
  }

  private Plan with(
      ModelIdentity model,
      Calibration calibration,
      SolverOutcome solver,
      List<String> warnings,
      List<HeadDecision> heads) {
    return new Plan(
        schemaVersion,
        tool,
        model,
        layout,
        calibration,
        device,
        workload,
        goal,
        solver,
        predicted,
        warnings,
        heads,
        run);
  }

  /**
   * @throws BadInputException if the file is missing or is no plan, or one that was imported
   */
  public static Plan read(Path file) {
    try {
      return JsonFile.read(file, Plan.class, "plan");
    } catch (BadInputException e) {
      if (HeadPlan.isImported(file)) {
        throw new BadInputException(
            "The plan (%s) was imported from %s: it has no goal, no prediction and no bound."
                .formatted(file, ImportedPlan.read(file).imported().format()),
            "price, evaluate, diff or export it; those take imported plans.",
            e);
      }
      throw e;
    }
  }

  @Override
  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
