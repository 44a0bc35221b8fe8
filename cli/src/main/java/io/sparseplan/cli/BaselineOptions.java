package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.check.PlanDigest;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The published plan that a changed model is checked against, and what its heads did then. */
final class BaselineOptions {
  @Option(
      names = "--baseline",
      paramLabel = "PLAN",
      required = true,
      description = "The published plan.json.")
  private Path planFile;

  @Option(
      names = "--digest",
      paramLabel = "FILE",
      description =
          "What the plan's heads did when it was made (default: "
              + Outputs.DIGEST
              + " beside the plan, as tune writes it).")
  private Optional<Path> digestFile = Optional.empty();

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      description = "The profile that the plan was made from, instead of its digest.")
  private Optional<Path> profileFile = Optional.empty();

  Path planFile() {
    return planFile;
  }

  Plan plan() {
    return Plan.read(planFile);
  }

  /**
   * What the plan's heads did.
   *
   * @throws BadInputException if there is nothing that says so, or it is of another plan
   */
  PlanDigest digest(Plan plan) {
    if (profileFile.isPresent()) {
      Profile profile = Profile.read(profileFile.get());
      requireModel(plan, profile.model().sameWeights(plan.model()), profileFile.get());
      return PlanDigest.of(plan, profile);
    }
    Path file =
        digestFile.orElseGet(() -> planFile.toAbsolutePath().resolveSibling(Outputs.DIGEST));
    if (!Files.exists(file)) {
      throw new BadInputException(
          "There is no digest (%s) of the plan (%s): what its heads did when it was made is not"
                  .formatted(file, planFile)
              + " known.",
          "give the profile that it was made from with --profile, or a digest with --digest.");
    }
    PlanDigest digest = PlanDigest.read(file);
    requireModel(
        plan,
        digest.model().sameWeights(plan.model()) && digest.heads().equals(PlanDigest.headsOf(plan)),
        file);
    return digest;
  }

  private void requireModel(Plan plan, boolean fits, Path file) {
    if (!fits) {
      throw new BadInputException(
          "The file (%s) is not of the plan (%s) for %s (weights %s)."
              .formatted(file, planFile, plan.model().name(), plan.model().weights().abbreviated()),
          "name the one that was written with the plan.");
    }
  }
}
