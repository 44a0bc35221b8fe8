package io.sparseplan.plans.plan;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Which pattern every head of a model runs: what a searched {@link Plan} and an {@link
 * ImportedPlan} have in common, and what pricing, evaluation and exporters need.
 */
public sealed interface HeadPlan permits Plan, ImportedPlan {
  ModelIdentity model();

  Layout layout();

  /** Every head of the model, in layer-major order. */
  List<? extends PlannedHead> heads();

  List<String> warnings();

  /** How far the patterns are vouched for; empty where nobody says. */
  Optional<Vouched> vouched();

  /**
   * The plan as it runs on prompts of one length: beyond what is vouched for, every head may be
   * dense. What was predicted stays that of the workload.
   */
  HeadPlan at(Tokens length);

  void write(Path file) throws IOException;

  /**
   * Reads a plan of either kind.
   *
   * @throws BadInputException if the file is missing or is no plan
   */
  static HeadPlan read(Path file) {
    return isImported(file) ? ImportedPlan.read(file) : Plan.read(file);
  }

  /** Whether the file says of itself that it is an imported plan. */
  static boolean isImported(Path file) {
    try {
      return JsonFile.read(file, JsonNode.class, "plan").has("imported");
    } catch (BadInputException e) {
      return false;
    }
  }
}
