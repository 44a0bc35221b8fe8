package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerIndex;
import java.util.BitSet;

/**
 * The tokens that a head of some layer chose last: TidalDecode's decoding (arXiv 2410.05076, §3).
 * The choosing layer scores all tokens and keeps the best; layers after it read the same ones, up
 * to the next layer that chooses. A head of that layer or of one before has no choice to read, and
 * reads every token: so does one that names its own layer, which is one that chooses.
 *
 * @param chosenIn the layer that chooses: its head of the same number, by its own scores
 * @param budget tokens that each step reads, at least one
 */
public record TokensOfLayer(
    @JsonProperty("chosenInLayer") LayerIndex chosenIn, @JsonProperty("budgetTokens") Tokens budget)
    implements DecodePattern {
  public TokensOfLayer {
    if (budget.count() < 1) {
      throw new IllegalArgumentException(
          "The budgetTokens (%s) must be positive.".formatted(budget));
    }
  }

  /**
   * The tokens that the choosing layer keeps for the layers after it.
   *
   * @param scores q·k of the choosing head with the keys so far; −∞ where it does not see them
   */
  public BitSet choose(double[] scores) {
    return TopTokens.of(scores, budget.count());
  }

  /** What a step of a layer after the choosing one reads. */
  public StepTokens read(BitSet chosen) {
    return StepTokens.of(chosen);
  }

  @Override
  public Tokens readTokens(Tokens keys) {
    return Tokens.of(Math.min(keys.count(), budget.count()));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "kv%s@L%d".formatted(budget, chosenIn.value());
  }
}
