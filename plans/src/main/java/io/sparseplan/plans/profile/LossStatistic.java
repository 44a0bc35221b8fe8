package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The statistic of a profile that a search minimises: for each length, head and candidate the mean
 * over prompts, summed over heads.
 *
 * <p>First-order losses are of the rows' changes ⟨∂L/∂O, O_c − O⟩ in nats of their {@link
 * Objective} L. A sum over heads, they are no prediction of L.
 */
public enum LossStatistic {
  /** ‖O_c − O‖² ÷ ‖O‖², a ratio. */
  @JsonProperty("output_error")
  OUTPUT_ERROR(LossKind.OUTPUT_ERROR),
  /** The share of the softmax weight that is dropped, 0..1. */
  @JsonProperty("lost_mass")
  LOST_MASS(LossKind.LOST_MASS),
  /** Row RMS of the log-odds. */
  @JsonProperty("first_order_margin")
  FIRST_ORDER_MARGIN(LossKind.FIRST_ORDER, Objective.MARGIN),
  /** Row RMS of the cross-entropy. */
  @JsonProperty("first_order_ce")
  FIRST_ORDER_CE(LossKind.FIRST_ORDER, Objective.CE),
  /** Row RMS of the tempered cross-entropy. */
  @JsonProperty("first_order_temp")
  FIRST_ORDER_TEMP(LossKind.FIRST_ORDER, Objective.TEMP),
  /** Absolute sum of the log-odds. */
  @JsonProperty("absolute_margin")
  ABSOLUTE_MARGIN(LossKind.ABSOLUTE_FIRST_ORDER, Objective.MARGIN),
  /** Absolute sum of the cross-entropy. */
  @JsonProperty("absolute_ce")
  ABSOLUTE_CE(LossKind.ABSOLUTE_FIRST_ORDER, Objective.CE),
  /** Absolute sum of the tempered cross-entropy. */
  @JsonProperty("absolute_temp")
  ABSOLUTE_TEMP(LossKind.ABSOLUTE_FIRST_ORDER, Objective.TEMP),
  /** MoA's influence on the log-odds of the entries that are dropped. */
  @JsonProperty("influence_margin")
  INFLUENCE_MARGIN(LossKind.INFLUENCE, Objective.MARGIN),
  /** MoA's influence on the cross-entropy of the entries that are dropped. */
  @JsonProperty("influence_ce")
  INFLUENCE_CE(LossKind.INFLUENCE, Objective.CE),
  /** MoA's influence on the tempered cross-entropy of the entries that are dropped. */
  @JsonProperty("influence_temp")
  INFLUENCE_TEMP(LossKind.INFLUENCE, Objective.TEMP),
  /** MoA's influence, on the cross-entropy of drawn labels, of the entries that are dropped. */
  @JsonProperty("influence_kl")
  INFLUENCE_KL(LossKind.INFLUENCE, Objective.KL),
  /** The same where answers are marked, on their log-odds. */
  @JsonProperty("influence_guarded_kl")
  INFLUENCE_GUARDED_KL(LossKind.INFLUENCE, Objective.GUARDED_KL),
  /**
   * KL(dense ‖ plan) to second order, in nats a token: ½·N·Σ_rows ⟨∂L/∂O, O_c − O⟩² for L of {@link
   * Objective#KL} over N tokens, as if rows and heads were independent.
   */
  @JsonProperty("divergence")
  DIVERGENCE(LossKind.DIVERGENCE, Objective.KL),
  /**
   * The divergence, and half the squared change of the log-odds of each token of a marked answer:
   * the same sum for L of {@link Objective#GUARDED_KL}.
   */
  @JsonProperty("guarded_divergence")
  GUARDED_DIVERGENCE(LossKind.GUARDED_DIVERGENCE, Objective.GUARDED_KL);

  private final LossKind kind;
  private final Optional<Objective> objective;

  LossStatistic(LossKind kind) {
    this.kind = kind;
    this.objective = Optional.empty();
  }

  LossStatistic(LossKind kind, Objective objective) {
    this.kind = kind;
    this.objective = Optional.of(objective);
  }

  public LossKind kind() {
    return kind;
  }

  /** What the gradients are of, where the statistic comes from gradients. */
  public Optional<Objective> objective() {
    return objective;
  }

  /**
   * What a change of attention does to the model's whole output, as the profile's gradients tell
   * it: to second order where they are of labels that the model draws.
   */
  public static Optional<LossStatistic> ofWholeOutput(Profile profile) {
    return Stream.of(DIVERGENCE, GUARDED_DIVERGENCE)
        .filter(statistic -> statistic.isIn(profile))
        .findFirst();
  }

  /** Whether the profile holds it. */
  public boolean isIn(Profile profile) {
    return objective.map(of -> of == profile.objective()).orElse(true);
  }
}
