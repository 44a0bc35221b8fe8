package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerIndex;

/**
 * The tokens that a head of some layer chose last: TidalDecode's decoding (arXiv 2410.05076, §3).
 * The choosing layer scores all tokens and keeps the best; layers after it read the same ones, up
 * to the next layer that chooses. A head that names its own layer is one that chooses.
 *
 * @param chosenIn the layer that chooses, not after the head's own
 * @param budget tokens that each step reads, at least one
 */
public record TokensOfLayer(
    @JsonProperty("chosenInLayer") LayerIndex chosenIn, @JsonProperty("budgetTokens") Tokens budget)
    implements DeclaredPattern {
  public TokensOfLayer {
    if (budget.count() < 1) {
      throw new IllegalArgumentException(
          "The budgetTokens (%s) must be positive.".formatted(budget));
    }
  }

  @Override
  public String needs() {
    return "the tokens that another layer chose, at each step of decoding";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "kv%s@L%d".formatted(budget, chosenIn.value());
  }
}
