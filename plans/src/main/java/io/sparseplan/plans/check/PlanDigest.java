package io.sparseplan.plans.check;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfiledLoss;
import io.sparseplan.plans.profile.PromptStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * What the heads of a plan's model did on a few fixed prompts when the plan was made: enough to
 * tell later which heads of a changed model attend otherwise. It is small, a few hundred bytes a
 * head, and lies beside the plan, so that no profile has to be kept.
 *
 * @param arithmetic what the prompts ran in
 * @param objective whose gradients the losses come from
 * @param heads hash of the patterns of all heads, which ties the digest to its plan
 * @param prompts one of each length of the plan's workload, the first by hash
 */
public record PlanDigest(
    SchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Sha256 heads,
    Arithmetic arithmetic,
    Objective objective,
    List<PromptDigest> prompts) {
  public PlanDigest {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("The digest has no prompt.");
    }
    var seen = new HashSet<Sha256>();
    for (PromptDigest prompt : prompts) {
      if (!seen.add(prompt.prompt()) || prompt.heads().size() != model.headCount()) {
        throw new IllegalArgumentException(
            "The prompt %s is there twice, or has %d heads where the model has %d."
                .formatted(
                    prompt.prompt().abbreviated(), prompt.heads().size(), model.headCount()));
      }
    }
  }

  /**
   * @param profile scored the plan's patterns at each length of its workload
   * @throws BadInputException if it did not
   */
  public static PlanDigest of(Plan plan, Profile profile) {
    var chosen = new ArrayList<PromptStatistics>();
    for (Workload.Entry entry : plan.workload().lengths()) {
      chosen.add(firstOf(profile, entry.length()));
    }
    Profile few = ProfileBasis.of(profile).profileOf(chosen, profile.run());
    var losses = new ProfiledLoss(few, plan.calibration().statistic());
    int[] candidates = candidates(plan, profile);
    return new PlanDigest(
        SchemaVersion.CURRENT,
        Tool.THIS,
        profile.model(),
        headsOf(plan),
        profile.arithmetic(),
        profile.objective(),
        chosen.stream().map(prompt -> digest(prompt, losses, candidates)).toList());
  }

  private static PromptStatistics firstOf(Profile profile, Tokens length) {
    return profile.promptsOf(length).stream()
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "The plan's workload has length %s; the profile of %s has the lengths %s."
                        .formatted(length, profile.model().name(), profile.lengths()),
                    "give the profile that the plan was made from."));
  }

  private static int[] candidates(Plan plan, Profile profile) {
    return plan.heads().stream()
        .mapToInt(
            head -> {
              int candidate = profile.candidates().indexOf(head.prefill());
              if (candidate < 0) {
                throw new BadInputException(
                    "The profile of %s did not score the pattern %s of the plan's head %s."
                        .formatted(profile.model().name(), head.prefill().label(), head.id()),
                    "give the profile that the plan was made from.");
              }
              return candidate;
            })
        .toArray();
  }

  private static PromptDigest digest(
      PromptStatistics prompt, ProfiledLoss losses, int[] candidates) {
    var heads = new ArrayList<HeadDigest>();
    for (int place = 0; place < candidates.length; place++) {
      double loss = losses.ofHead(prompt.length(), place)[candidates[place]];
      heads.add(HeadDigest.of(prompt.heads().get(place), candidates[place], loss));
    }
    return new PromptDigest(prompt.prompt(), prompt.length(), heads);
  }

  /** Hash of what every head of the plan runs. */
  public static Sha256 headsOf(Plan plan) {
    var lines = new StringBuilder();
    plan.heads()
        .forEach(
            head ->
                lines
                    .append(head.id())
                    .append(' ')
                    .append(JsonFile.mapper().writeValueAsString(head.prefill()))
                    .append('\n'));
    return Sha256.of(lines.toString());
  }

  /**
   * @throws BadInputException if the file is missing or is no digest
   */
  public static PlanDigest read(Path file) {
    return JsonFile.read(file, PlanDigest.class, "digest of the plan");
  }

  /** Writes the file whole or not at all, without spaces: it has many numbers and few readers. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, out -> out.write(JsonFile.mapper().writeValueAsBytes(this)));
  }
}
