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
  /** Floats of the logits that exist at once. */
  private static final int MOST_LOGITS = 1 << 25;

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
          case NONE -> throw new IllegalArgumentException("Of no loss there is no gradient.");
        };
    var row = new ObjectiveRow(objective, vocabulary.size(), positions.length);
    var gradient = new Activations(new TokenRows(states.tokens()), states.width());
    double[] loss = new double[positions.length];
    int blocks = Math.max(1, MOST_LOGITS / vocabulary.size() / Vocabulary.BLOCK);
    int chunk = Math.min(blocks * Vocabulary.BLOCK, positions.length);
    var logits = new Activations(new TokenRows(chunk), vocabulary.size());
    for (int from = 0; from < positions.length; from += chunk) {
      int end = Math.min(from + chunk, positions.length);
      int[] part = Arrays.copyOfRange(positions, from, end);
      double[] lossOfPart =
          differentiate(prompt, row, objective, states, vocabulary, workers, part, logits);
      System.arraycopy(lossOfPart, 0, loss, from, part.length);
      takeBack(vocabulary, workers, part, logits, gradient);
    }
    return new LossGradient(Arrays.stream(loss).sum() / positions.length, gradient);
  }

  /** Writes ∂loss/∂logits of some positions, and returns their losses. */
  private static double[] differentiate(
      Prompt prompt,
      ObjectiveRow row,
      Objective objective,
      Activations states,
      Vocabulary vocabulary,
      Workers workers,
      int[] positions,
      Activations gradients) {
    double[] loss = new double[positions.length];
    var logitsOf = new Vocabulary.Logits[workers.count()];
    Arrays.setAll(logitsOf, worker -> vocabulary.logits());
    var samplerOf = new LabelSampler[workers.count()];
    Arrays.setAll(samplerOf, worker -> new LabelSampler(prompt, vocabulary.size()));
    forEachBlock(
        positions,
        workers,
        (worker, from, block) -> {
          Activations logits = logitsOf[worker].of(states, block);
          for (int r = 0; r < block.length; r++) {
            float[] data = logits.data();
            int at = logits.at(r);
            int label =
                switch (objective) {
                  case MARGIN, CE, TEMP -> prompt.ids()[block[r] + 1];
                  case KL -> samplerOf[worker].draw(block[r], data, at, row.maximum(data, at));
                  case NONE ->
                      throw new IllegalArgumentException("Of no loss there is no gradient.");
                };
            loss[from + r] = row.differentiate(data, at, label);
            System.arraycopy(data, at, gradients.data(), gradients.at(from + r), vocabulary.size());
          }
        });
    return loss;
  }

  private static void takeBack(
      Vocabulary vocabulary,
      Workers workers,
      int[] positions,
      Activations logitGradients,
      Activations stateGradients) {
    var gradientOf = new Vocabulary.Gradients[workers.count()];
    Arrays.setAll(gradientOf, worker -> vocabulary.gradients());
    forEachBlock(
        positions,
        workers,
        (worker, from, block) ->
            gradientOf[worker].takeBack(logitGradients, from, block, stateGradients));
  }

  @FunctionalInterface
  private interface Block {
    void run(int worker, int from, int[] positions);
  }

  private static void forEachBlock(int[] positions, Workers workers, Block work) {
    workers.forEach(
        Math.ceilDiv(positions.length, Vocabulary.BLOCK),
        (unit, worker) -> {
          int from = unit * Vocabulary.BLOCK;
          int end = Math.min(from + Vocabulary.BLOCK, positions.length);
          work.run(worker, from, Arrays.copyOfRange(positions, from, end));
        });
  }
}
