package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.WeightRows;
import java.util.List;

/**
 * Linear layers that read the same input, where they are stored, their outputs one after the other.
 *
 * @param bias one for each output, or none at all where none of the layers has a bias
 */
public record StoredLinear(List<WeightRows> parts, float[] bias) {
  public StoredLinear {
    parts = List.copyOf(parts);
  }

  /** Outputs of all parts. */
  public int outputs() {
    return parts.stream().mapToInt(WeightRows::outputs).sum();
  }

  public int inputs() {
    return parts.getFirst().inputs();
  }
}
