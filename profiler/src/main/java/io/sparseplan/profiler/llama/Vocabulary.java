package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.kernel.PackedWeights;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The output layer, a few rows at a time: logits of all tokens never exist at once. What is packed
 * for logits lives until gradients are asked for, and the other way round.
 */
public final class Vocabulary {
  /** Rows whose logits are computed together: weights are read once for all of them. */
  public static final int BLOCK = 40;

  private final Linear head;
  private final ModelGeometry model;
  private final Workers workers;
  private Optional<PackedWeights> forward = Optional.empty();
  private Optional<PackedWeights> transposed = Optional.empty();

  Vocabulary(Linear head, ModelGeometry model, Workers workers) {
    this.head = head;
    this.model = model;
    this.workers = workers;
  }

  /** Tokens of the vocabulary. */
  public int size() {
    return model.vocabularySize();
  }

  /** One worker's memory for logits; not to be asked for by a worker. */
  public Logits logits() {
    if (forward.isEmpty()) {
      transposed = Optional.empty();
      forward = Optional.of(head.forward(workers));
    }
    return new Logits(forward.get());
  }

  /** Logits of up to {@value BLOCK} rows. */
  public static final class Logits {
    private final PackedWeights weights;
    private final PackedRows hidden;
    private final Activations values;

    private Logits(PackedWeights weights) {
      this.weights = weights;
      hidden = new PackedRows(new BlockRows(BLOCK), weights.inputs());
      values = new Activations(new TokenRows(BLOCK), weights.outputs());
    }

    /**
     * Computes the logits of hidden states {@code from..end−1}.
     *
     * @return row r is that of token {@code from + r}; valid until the next call
     */
    public Activations of(Activations states, int from, int end) {
      return of(states, IntStream.range(from, end).toArray());
    }

    /**
     * Computes the logits of hidden states.
     *
     * @return row r is that of token {@code tokens[r]}; valid until the next call
     */
    public Activations of(Activations states, int[] tokens) {
      for (int r = 0; r < tokens.length; r++) {
        hidden.put(r, states.data(), states.at(tokens[r]));
      }
      hidden.multiply(weights, tokens.length, values, 0, false);
      return values;
    }
  }

  /** One worker's memory for gradients; not to be asked for by a worker. */
  public Gradients gradients() {
    if (transposed.isEmpty()) {
      forward = Optional.empty();
      transposed = Optional.of(head.transposed(workers));
    }
    return new Gradients(transposed.get());
  }

  /** Takes gradients of up to {@value BLOCK} rows of logits back to hidden states. */
  public static final class Gradients {
    private final PackedWeights weights;
    private final PackedRows logits;
    private final Activations hidden;

    private Gradients(PackedWeights weights) {
      this.weights = weights;
      logits = new PackedRows(new BlockRows(BLOCK), weights.inputs());
      hidden = new Activations(new TokenRows(BLOCK), weights.outputs());
    }

    /**
     * Writes the gradients of hidden states.
     *
     * @param logitGradient row {@code from + r} is ∂L/∂logits of token {@code tokens[r]}
     * @param stateGradient its rows of these tokens are written
     */
    public void takeBack(
        Activations logitGradient, int from, int[] tokens, Activations stateGradient) {
      for (int r = 0; r < tokens.length; r++) {
        logits.put(r, logitGradient.data(), logitGradient.at(from + r));
      }
      logits.multiply(weights, tokens.length, hidden, 0, false);
      for (int r = 0; r < tokens.length; r++) {
        System.arraycopy(
            hidden.data(),
            hidden.at(r),
            stateGradient.data(),
            stateGradient.at(tokens[r]),
            weights.outputs());
      }
    }
  }
}
