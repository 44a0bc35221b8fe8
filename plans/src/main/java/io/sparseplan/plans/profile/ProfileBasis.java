package io.sparseplan.plans.profile;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Candidates;
import io.sparseplan.plans.pattern.Pattern;
import java.util.List;
import java.util.Optional;

/**
 * What a profile is made from, besides prompts. Records of prompts may stand in one profile if
 * their basis is the same.
 *
 * @param arithmetic what the prompts run in
 * @param objective whose gradients are taken
 * @param candidates the patterns that are scored; the first is dense
 */
public record ProfileBasis(
    Tool tool,
    ModelIdentity model,
    Arithmetic arithmetic,
    TokenLayout layout,
    Objective objective,
    List<Pattern> candidates) {
  public ProfileBasis {
    candidates = Candidates.checked(candidates);
    Candidates.requireFit(candidates, layout);
  }

  /** The basis of a causal model's profile in float32. */
  public ProfileBasis(
      Tool tool,
      ModelIdentity model,
      TileSize tile,
      Objective objective,
      List<Pattern> candidates) {
    this(tool, model, Arithmetic.FLOAT32, TokenLayout.causal(tile), objective, candidates);
  }

  /** The same in another arithmetic. */
  public ProfileBasis in(Arithmetic other) {
    return new ProfileBasis(tool, model, other, layout, objective, candidates);
  }

  /** The size of tiles. */
  public TileSize tile() {
    return layout.tile();
  }

  /** What an existing profile was made from. */
  public static ProfileBasis of(Profile profile) {
    return new ProfileBasis(
        profile.tool(),
        profile.model(),
        profile.arithmetic(),
        profile.layout(),
        profile.objective(),
        profile.candidates());
  }

  /** The profile of some records. */
  public Profile profileOf(List<PromptStatistics> records, Run run) {
    return new Profile(
        ProfileSchemaVersion.CURRENT,
        tool,
        model,
        arithmetic,
        layout,
        PromptSet.of(
            records.stream()
                .map(record -> new PromptSet.Member(record.prompt(), record.length()))
                .toList()),
        objective,
        candidates,
        records,
        Optional.empty(),
        run);
  }

  /**
   * The first thing that differs, with both values, as "the objective: MARGIN here, CE there";
   * empty if nothing does. The model's name may differ: its hashes decide.
   */
  public Optional<String> differenceFrom(ProfileBasis other) {
    if (!model.weights().equals(other.model.weights())) {
      return difference(
          "weights of the model",
          described(model) + ", weights " + model.weights().abbreviated(),
          described(other.model) + ", weights " + other.model.weights().abbreviated());
    }
    if (!model.config().equals(other.model.config())) {
      return difference(
          "config.json of the model",
          described(model) + ", config " + model.config().abbreviated(),
          described(other.model) + ", config " + other.model.config().abbreviated());
    }
    if (!model.named(other.model.name()).equals(other.model)) {
      return difference("model", model, other.model);
    }
    if (!candidates.equals(other.candidates)) {
      return difference("candidates", listed(candidates), listed(other.candidates));
    }
    if (!objective.equals(other.objective)) {
      return difference("objective", objective, other.objective);
    }
    if (!tile().equals(other.tile())) {
      return difference("tile", tile().tokens(), other.tile().tokens());
    }
    if (!layout.equals(other.layout)) {
      return difference("layout of tokens", layout.text(), other.layout.text());
    }
    if (arithmetic != other.arithmetic) {
      return difference("arithmetic", arithmetic.text(), other.arithmetic.text());
    }
    if (!tool.equals(other.tool)) {
      return difference("program", described(tool), described(other.tool));
    }
    return Optional.empty();
  }

  private static Optional<String> difference(String what, Object here, Object there) {
    return Optional.of("the %s: %s here, %s there".formatted(what, here, there));
  }

  private static String described(ModelIdentity model) {
    return "%s (%d layers, %d heads)"
        .formatted(model.name(), model.layers().count(), model.attention().queryHeads().count());
  }

  private static String described(Tool tool) {
    return tool.name() + " " + tool.version();
  }

  /** As many labels as a message bears. */
  private static String listed(List<Pattern> candidates) {
    int shown = Math.min(4, candidates.size());
    return "%d (%s%s)"
        .formatted(
            candidates.size(),
            String.join(", ", candidates.subList(0, shown).stream().map(Pattern::label).toList()),
            shown < candidates.size() ? ", …" : "");
  }
}
