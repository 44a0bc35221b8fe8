package io.sparseplan.plans.evaluation;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.profile.PromptSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model run dense and with a plan on the same prompts.
 *
 * @param heldOut whether none of the prompts were among those that the plan was made from
 * @param plan empty where dense alone was measured
 */
public record Evaluation(
    SchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    PromptSet promptSet,
    boolean heldOut,
    Measured dense,
    Optional<Measured> plan,
    Run run) {
  /**
   * @throws BadInputException if the file is missing or is no evaluation
   */
  public static Evaluation read(Path file) {
    return JsonFile.read(file, Evaluation.class, "evaluation");
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
