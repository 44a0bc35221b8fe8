package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.kernel.PackedWeights;
import java.util.Optional;
import java.util.stream.IntStream;

/** The output layer, a few rows at a time: logits of all tokens never exist at once. */
public final class Vocabulary {
  /** Rows whose logits are computed together: weights are read once for all of them. */
  public static final int BLOCK = 40;

  private final PackedWeights head;

  /** Made when a gradient is first asked for. */
  private Optional<PackedWeights> transposedHead = Optional.empty();

  Vocabulary(PackedWeights head) {
    this.head = head;
  }

  /** Tokens of the vocabulary. */
  public int size() {
    return head.outputs();
  }

  /** One worker's memory for logits. */
  public Logits logits() {
    return new Logits();
  }

  /** Logits of up to {@value BLOCK} rows. */
  public final class Logits {
    private final PackedRows hidden = new PackedRows(new BlockRows(BLOCK), head.inputs());
    private final Activations values = new Activations(new TokenRows(BLOCK), head.outputs());

    private Logits() {}

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
      hidden.multiply(head, tokens.length, values, 0, false);
      return values;
    }
  }

  /** One worker's memory for gradients. */
  public Gradients gradients() {
    return new Gradients();
  }

  /** Takes gradients of up to {@value BLOCK} rows of logits back to hidden states. */
  public final class Gradients {
    private final PackedWeights transposed = transposed();
    private final PackedRows logits = new PackedRows(new BlockRows(BLOCK), head.outputs());
    private final Activations hidden = new Activations(new TokenRows(BLOCK), head.inputs());

    private Gradients() {}

    /**
     * Writes the gradients of hidden states.
     *
     * @param logitGradient row r is ∂L/∂logits of token {@code tokens[r]}
     * @param stateGradient its rows of these tokens are written
     */
    public void takeBack(Activations logitGradient, int[] tokens, Activations stateGradient) {
      for (int r = 0; r < tokens.length; r++) {
        logits.put(r, logitGradient.data(), logitGradient.at(r));
      }
      logits.multiply(transposed, tokens.length, hidden, 0, false);
      for (int r = 0; r < tokens.length; r++) {
        System.arraycopy(
            hidden.data(),
            hidden.at(r),
            stateGradient.data(),
            stateGradient.at(tokens[r]),
            head.inputs());
      }
    }
  }

  private synchronized PackedWeights transposed() {
    if (transposedHead.isEmpty()) {
      transposedHead = Optional.of(head.transposed());
    }
    return transposedHead.get();
  }
}
