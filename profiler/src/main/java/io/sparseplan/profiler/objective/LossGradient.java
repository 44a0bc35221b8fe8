package io.sparseplan.profiler.objective;

import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.Vocabulary;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A prompt's loss and its gradient.
 *
 * @param loss mean over the objective's positions, nats
 * @param states ∂loss/∂(hidden states after the last norm), {@code [token][hidden]}
 */
public record LossGradient(double loss, Activations states) {
  /**
   * @param states hidden states after the last norm
   */
  public static LossGradient of(
      Prompt prompt,
      Objective objective,
      Activations states,
      Vocabulary vocabulary,
      Workers workers) {
    int[] positions =
        switch (objective) {
          case MARGIN, CE, TEMP -> prompt.lossPositions().stream().toArray();
          case KL -> IntStream.range(0, prompt.ids().length - 1).toArray();
        };
    var row = new ObjectiveRow(objective, vocabulary.size(), positions.length);
    var gradient = new Activations(new TokenRows(states.tokens()), states.width());
    double[] loss = new double[positions.length];
    var logitsOf = new Vocabulary.Logits[workers.count()];
    Arrays.setAll(logitsOf, worker -> vocabulary.logits());
    var samplerOf = new LabelSampler[workers.count()];
    Arrays.setAll(samplerOf, worker -> new LabelSampler(prompt, vocabulary.size()));
    var gradientOf = new Vocabulary.Gradients[workers.count()];
    Arrays.setAll(gradientOf, worker -> vocabulary.gradients());
    workers.forEach(
        Math.ceilDiv(positions.length, Vocabulary.BLOCK),
        (unit, worker) -> {
          int from = unit * Vocabulary.BLOCK;
          int end = Math.min(from + Vocabulary.BLOCK, positions.length);
          int[] block = Arrays.copyOfRange(positions, from, end);
          Activations logits = logitsOf[worker].of(states, block);
          for (int r = 0; r < block.length; r++) {
            float[] data = logits.data();
            int at = logits.at(r);
            int label =
                switch (objective) {
                  case MARGIN, CE, TEMP -> prompt.ids()[block[r] + 1];
                  case KL -> samplerOf[worker].draw(block[r], data, at, row.maximum(data, at));
                };
            loss[from + r] = row.differentiate(data, at, label);
          }
          gradientOf[worker].takeBack(logits, block, gradient);
        });
    return new LossGradient(Arrays.stream(loss).sum() / positions.length, gradient);
  }
}
