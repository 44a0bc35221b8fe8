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

/**
 * A plan that a peer made: what every head runs, without the prediction, the goal and the bound
 * that a searched {@link Plan} has. Nothing is known of its loss until it is evaluated.
 *
 * @param imported the file that it was read from
 * @param warnings what the file leaves open, and where its runtime may differ
 * @param heads every head of the model, in layer-major order
 * @param run the only part in which two runs on the same input differ
 */
public record ImportedPlan(
    SchemaVersion schemaVersion,
    Tool tool,
    ImportedFrom imported,
    ModelIdentity model,
    Layout layout,
    List<String> warnings,
    List<ImportedHead> heads,
    Run run)
    implements HeadPlan {
  public ImportedPlan {
    warnings = List.copyOf(warnings);
    heads = List.copyOf(heads);
    PlannedHead.requireLayerMajor(heads, model);
  }

  /**
   * @throws BadInputException if the file is missing or is no imported plan
   */
  static ImportedPlan read(Path file) {
    return JsonFile.read(file, ImportedPlan.class, "imported plan");
  }

  @Override
  public Optional<Vouched> vouched() {
    return Optional.empty();
  }

  /** Its file says nothing of lengths. */
  @Override
  public ImportedPlan at(Tokens length) {
    return this;
  }

  @Override
  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
