package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.profiler.kernel.PackedWeights;
import java.util.Arrays;
import java.util.List;

/** A checkpoint's tensors, each checked against the shape that the config gives it. */
record CheckedTensors(Checkpoint checkpoint) {
  /**
   * @throws BadInputException if the tensor is missing, has another shape, or holds a value that is
   *     not finite
   */
  float[] floats(String name, long... shape) {
    Tensor tensor = checkpoint.tensor(name);
    List<Long> expected = Arrays.stream(shape).boxed().toList();
    if (!tensor.shape().equals(expected)) {
      throw new BadInputException(
          "The tensor %s has the shape %s; config.json says %s."
              .formatted(name, tensor.shape(), expected),
          "the weights and config.json are of two models.");
    }
    return tensor.toFloats();
  }

  /** The weights of a linear layer, stored {@code [output][input]}. */
  PackedWeights linear(String name, int outputs, int inputs) {
    return PackedWeights.of(floats(name, outputs, inputs), inputs);
  }

  /** Linear layers that are stored as one, their outputs one after the other. */
  PackedWeights[] fusedLinear(String name, int inputs, int... outputs) {
    float[] all = floats(name, Arrays.stream(outputs).sum(), inputs);
    var parts = new PackedWeights[outputs.length];
    int from = 0;
    for (int part = 0; part < parts.length; part++) {
      int end = from + outputs[part] * inputs;
      parts[part] = PackedWeights.of(Arrays.copyOfRange(all, from, end), inputs);
      from = end;
    }
    return parts;
  }
}
