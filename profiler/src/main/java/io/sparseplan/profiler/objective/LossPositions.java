package io.sparseplan.profiler.objective;

import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.BitSet;

/**
 * Of which positions of a prompt an objective is, and how each is measured. Position t predicts
 * token t + 1.
 *
 * @param all ascending
 * @param drawn those that are measured by a token drawn from the model's own prediction, by their
 *     cross-entropy; the others by the prompt's own next token
 * @param ofPrompt how those are measured
 */
record LossPositions(int[] all, BitSet drawn, TokenLoss ofPrompt) {
  static LossPositions of(Prompt prompt, Objective objective) {
    var every = new BitSet();
    every.set(0, prompt.ids().length - 1);
    return switch (objective) {
      case MARGIN -> measured(prompt, TokenLoss.LOG_ODDS);
      case CE -> measured(prompt, TokenLoss.CROSS_ENTROPY);
      case TEMP -> measured(prompt, TokenLoss.TEMPERED_CROSS_ENTROPY);
      case KL -> new LossPositions(every.stream().toArray(), every, TokenLoss.CROSS_ENTROPY);
      case GUARDED_KL -> {
        BitSet drawn = (BitSet) every.clone();
        if (!prompt.answers().isEmpty()) {
          drawn.andNot(prompt.lossPositions());
        }
        yield new LossPositions(every.stream().toArray(), drawn, TokenLoss.LOG_ODDS);
      }
      case NONE -> throw new IllegalArgumentException("Of no loss there is no gradient.");
    };
  }

  private static LossPositions measured(Prompt prompt, TokenLoss loss) {
    return new LossPositions(prompt.lossPositions().stream().toArray(), new BitSet(), loss);
  }
}
