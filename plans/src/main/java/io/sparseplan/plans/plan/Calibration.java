package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.profile.PromptSet;

/** What the losses of a plan were computed from. */
public record Calibration(PromptSet promptSet, Statistic statistic) {
  /** The statistic of the profile that the search minimised. */
  public enum Statistic {
    /** Sum over heads of ‖O_c − O‖² ÷ ‖O‖², no unit. */
    @JsonProperty("output_error")
    OUTPUT_ERROR
  }
}
