package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.kernel.PackedWeights;

/** The output layer, a few rows at a time: logits of all tokens never exist at once. */
public final class Vocabulary {
  /** Rows whose logits are computed together: weights are read once for all of them. */
  public static final int BLOCK = 40;

  private final PackedWeights head;

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
      for (int token = from; token < end; token++) {
        hidden.put(token - from, states.data(), states.at(token));
      }
      hidden.multiply(head, end - from, values, 0, false);
      return values;
    }
  }
}
