package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.ImportedFrom;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The file of scores that were imported: how much each head needs to see, by a peer's measure. No
 * decision; a share of sparse heads makes it one.
 *
 * @param imported the file that it was read from
 * @param scores higher means that the head needs more
 * @param run the only part in which two runs on the same input differ
 */
public record HeadScores(
    SchemaVersion schemaVersion,
    Tool tool,
    ImportedFrom imported,
    ModelIdentity model,
    ScoredHeads scores,
    Run run) {
  public HeadScores {
    int heads =
        scores.axis() == HeadAxis.KV_HEAD
            ? model.attention().kvHeads().count()
            : model.attention().queryHeads().count();
    if (scores.layers().size() != model.layers().count()
        || scores.layers().stream().anyMatch(layer -> layer.size() != heads)) {
      throw new IllegalArgumentException(
          "The scores are not of the model's %d layers of %d heads each."
              .formatted(model.layers().count(), heads));
    }
  }

  /**
   * @throws BadInputException if the file is missing or holds no scores
   */
  public static HeadScores read(Path file) {
    return JsonFile.read(file, HeadScores.class, "scores file");
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
