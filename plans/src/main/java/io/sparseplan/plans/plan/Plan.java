package io.sparseplan.plans.plan;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.ModelIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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
    Run run) {
  public Plan {
    warnings = List.copyOf(warnings);
    heads = List.copyOf(heads);
    if (heads.size() != model.headCount()) {
      throw new IllegalArgumentException(
          "The plan decides for %d heads; its model has %d."
              .formatted(heads.size(), model.headCount()));
    }
    for (int place = 0; place < heads.size(); place++) {
      HeadId expected = HeadId.atPlace(place, model.attention().queryHeads());
      if (!heads.get(place).id().equals(expected)) {
        throw new IllegalArgumentException(
            "Entry %d of the heads is %s; layer-major order has %s there."
                .formatted(place, heads.get(place).id(), expected));
      }
    }
  }

  /**
   * @throws BadInputException if the file is missing or is no plan
   */
  public static Plan read(Path file) {
    return JsonFile.read(file, Plan.class, "plan");
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
