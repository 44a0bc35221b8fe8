package io.sparseplan.profiler.kernel;

/** The weights of a linear layer where they are stored, {@code [output][input]}. */
public interface WeightRows {
  int outputs();

  int inputs();

  /** Copies some inputs of one output. */
  void copy(int output, int fromInput, int count, float[] target, int targetAt);
}
