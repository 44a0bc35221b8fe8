package io.sparseplan.plans.comparison;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.PromptSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * This project's plan beside those that its peers would choose from the same candidates, for the
 * same goal.
 *
 * @param calibration what all plans were made from; every predicted loss is in its statistic
 * @param measurement on what the plans were measured, if they were
 * @param contenders this project's first
 */
public record Comparison(
    SchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Calibration calibration,
    DeviceIdentity device,
    Workload workload,
    Goal goal,
    long seed,
    Optional<Measurement> measurement,
    List<Contender> contenders,
    Run run) {
  public Comparison {
    contenders = List.copyOf(contenders);
  }

  /**
   * What was measured for all contenders alike.
   *
   * @param heldOut whether none of the prompts were among those that the plans were made from
   */
  public record Measurement(PromptSet promptSet, boolean heldOut, Measured dense) {}

  /**
   * @throws BadInputException if the file is missing or is no comparison
   */
  public static Comparison read(Path file) {
    return JsonFile.read(file, Comparison.class, "comparison");
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
