package io.sparseplan.report.view;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a figure came to be. The page tells them apart by word and by colour. */
public enum Basis {
  /** Computed by the cost model, or summed from statistics of single heads. */
  @JsonProperty("estimated")
  ESTIMATED("estimated"),
  /** Observed while the model ran. */
  @JsonProperty("measured")
  MEASURED("measured"),
  /** Asked for, but nothing was run. */
  @JsonProperty("not_measured")
  NOT_MEASURED("not measured"),
  /** Exact, from the geometry of the patterns. */
  @JsonProperty("counted")
  COUNTED("counted"),
  /** A bound that the search proved. */
  @JsonProperty("proven")
  PROVEN("proven"),
  /** An input. */
  @JsonProperty("given")
  GIVEN("given");

  private final String word;

  Basis(String word) {
    this.word = word;
  }

  /** The word that stands beside the figure. */
  public String word() {
    return word;
  }
}
