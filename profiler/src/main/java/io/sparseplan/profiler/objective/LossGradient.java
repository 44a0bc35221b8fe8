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
    LossPositions positions = LossPositions.of(prompt, objective);
    return of(
        positions.all(),
        states,
        vocabulary,
        workers,
        (part, gradients) ->
            differentiate(prompt, positions, part, states, vocabulary, workers, gradients));
  }

  /**
   * The divergence of a changed model from what it was.
   *
   * @param before hidden states after the last norm
   * @param after likewise, of the changed model; the gradient is by these
   * @return KL(before ‖ after), mean over all tokens that are predicted
   */
  public static LossGradient ofDivergence(
      Activations before, Activations after, Vocabulary vocabulary, Workers workers) {
    int[] positions = IntStream.range(0, after.tokens() - 1).toArray();
    var row = new DivergenceRow(vocabulary.size(), positions.length);
    return of(
        positions,
        after,
        vocabulary,
        workers,
        (part, gradients) ->
            differentiate(row, before, after, vocabulary, workers, part, gradients));
  }

  /** Writes ∂loss/∂logits of some positions, and returns their losses. */
  @FunctionalInterface
  private interface Differentiation {
    double[] of(int[] positions, Activations gradients);
  }

  private static LossGradient of(
      int[] positions,
      Activations states,
      Vocabulary vocabulary,
      Workers workers,
      Differentiation differentiation) {
    var gradient = new Activations(new TokenRows(states.tokens()), states.width());
    double[] loss = new double[positions.length];
    int blocks = Math.max(1, MOST_LOGITS / vocabulary.size() / Vocabulary.BLOCK);
    int chunk = Math.min(blocks * Vocabulary.BLOCK, positions.length);
    var logits = new Activations(new TokenRows(chunk), vocabulary.size());
    for (int from = 0; from < positions.length; from += chunk) {
      int end = Math.min(from + chunk, positions.length);
      int[] part = Arrays.copyOfRange(positions, from, end);
      System.arraycopy(differentiation.of(part, logits), 0, loss, from, part.length);
      takeBack(vocabulary, workers, part, logits, gradient);
    }
    return new LossGradient(Arrays.stream(loss).sum() / positions.length, gradient);
  }

  private static double[] differentiate(
      DivergenceRow row,
      Activations before,
      Activations after,
      Vocabulary vocabulary,
      Workers workers,
      int[] positions,
      Activations gradients) {
    double[] loss = new double[positions.length];
    Vocabulary.Logits[] logitsBefore = logitsOfEach(workers, vocabulary);
    Vocabulary.Logits[] logitsAfter = logitsOfEach(workers, vocabulary);
    forEachBlock(
        positions,
        workers,
        (worker, from, block) -> {
          Activations p = logitsBefore[worker].of(before, block);
          Activations q = logitsAfter[worker].of(after, block);
          for (int r = 0; r < block.length; r++) {
            int at = gradients.at(from + r);
            System.arraycopy(q.data(), q.at(r), gradients.data(), at, vocabulary.size());
            loss[from + r] = row.differentiate(p.data(), p.at(r), gradients.data(), at);
          }
        });
    return loss;
  }

  private static Vocabulary.Logits[] logitsOfEach(Workers workers, Vocabulary vocabulary) {
    var logits = new Vocabulary.Logits[workers.count()];
    Arrays.setAll(logits, worker -> vocabulary.logits());
    return logits;
  }

  private static double[] differentiate(
      Prompt prompt,
      LossPositions positions,
      int[] part,
      Activations states,
      Vocabulary vocabulary,
      Workers workers,
      Activations gradients) {
    int count = positions.all().length;
    var drawn = new ObjectiveRow(TokenLoss.CROSS_ENTROPY, vocabulary.size(), count);
    var ofPrompt = new ObjectiveRow(positions.ofPrompt(), vocabulary.size(), count);
    double[] loss = new double[part.length];
    Vocabulary.Logits[] logitsOf = logitsOfEach(workers, vocabulary);
    var samplerOf = new LabelSampler[workers.count()];
    Arrays.setAll(samplerOf, worker -> new LabelSampler(prompt, vocabulary.size()));
    forEachBlock(
        part,
        workers,
        (worker, from, block) -> {
          Activations logits = logitsOf[worker].of(states, block);
          for (int r = 0; r < block.length; r++) {
            float[] data = logits.data();
            int at = logits.at(r);
            if (positions.drawn().get(block[r])) {
              int label = samplerOf[worker].draw(block[r], data, at, drawn.maximum(data, at));
              loss[from + r] = drawn.differentiate(data, at, label);
            } else {
              loss[from + r] = ofPrompt.differentiate(data, at, prompt.ids()[block[r] + 1]);
            }
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
