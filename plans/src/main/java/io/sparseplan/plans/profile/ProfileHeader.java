package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import java.util.List;
import java.util.Optional;

/**
 * What a profile's file says before its tensors: everything but the heads' statistics and the run.
 */
record ProfileHeader(
    ProfileSchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Arithmetic arithmetic,
    TokenLayout layout,
    PromptSet promptSet,
    Objective objective,
    List<Pattern> candidates,
    List<PromptHeader> prompts,
    Optional<InductionScores> induction) {
  /**
   * A prompt's record without its heads.
   *
   * @param needleTokens of its traits; empty if it has none
   */
  record PromptHeader(
      @JsonProperty("promptSha256") Sha256 prompt,
      @JsonProperty("lengthTokens") Tokens length,
      int answerTokens,
      Optional<Integer> needleTokens) {
    static PromptHeader of(PromptStatistics statistics) {
      return new PromptHeader(
          statistics.prompt(),
          statistics.length(),
          statistics.answerTokens(),
          statistics.traits().map(PromptTraits::needleTokens));
    }
  }

  static ProfileHeader of(Profile profile) {
    return new ProfileHeader(
        profile.schemaVersion(),
        profile.tool(),
        profile.model(),
        profile.arithmetic(),
        profile.layout(),
        profile.promptSet(),
        profile.objective(),
        profile.candidates(),
        profile.prompts().stream().map(PromptHeader::of).toList(),
        profile.induction());
  }
}
