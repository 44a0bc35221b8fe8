package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The statistic of a profile that a search minimises: for each length, head and candidate the mean
 * over prompts, summed over heads.
 *
 * <p>First-order losses are √Σ_rows ⟨∂L/∂O, O_c − O⟩² in nats of their {@link Objective}: how much
 * L changes where the rows' changes are independent. A sum over heads, it is no prediction of L.
 */
public enum LossStatistic {
  /** ‖O_c − O‖² ÷ ‖O‖², a ratio. */
  @JsonProperty("output_error")
  OUTPUT_ERROR,
  /** First-order loss of the log-odds. */
  @JsonProperty("first_order_margin")
  FIRST_ORDER_MARGIN,
  /** First-order loss of the cross-entropy. */
  @JsonProperty("first_order_ce")
  FIRST_ORDER_CE,
  /** First-order loss of the tempered cross-entropy. */
  @JsonProperty("first_order_temp")
  FIRST_ORDER_TEMP,
  /**
   * KL(dense ‖ plan) to second order, in nats a token: ½·N·Σ_rows ⟨∂L/∂O, O_c − O⟩² for L of {@link
   * Objective#KL} over N tokens, as if rows and heads were independent.
   */
  @JsonProperty("kl_second_order")
  KL_SECOND_ORDER;

  /** The first-order loss of an objective. */
  public static LossStatistic firstOrder(Objective objective) {
    return switch (objective) {
      case MARGIN -> FIRST_ORDER_MARGIN;
      case CE -> FIRST_ORDER_CE;
      case TEMP -> FIRST_ORDER_TEMP;
      case KL -> KL_SECOND_ORDER;
    };
  }
}
