package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.profiler.Workers;
import java.util.Arrays;
import java.util.List;

/** A checkpoint's tensors, each checked against the shape that the config gives it. */
record CheckedTensors(Checkpoint checkpoint, WeightResidency residency, Workers workers) {
  /**
   * @throws BadInputException if the tensor is missing, has another shape, or holds a value that is
   *     not finite
   */
  float[] floats(String name, long... shape) {
    return tensor(name, shape).toFloats();
  }

  /** The tensor itself; its values are checked when they are read. */
  Tensor tensor(String name, long... shape) {
    Tensor tensor = checkpoint.tensor(name);
    List<Long> expected = Arrays.stream(shape).boxed().toList();
    if (!tensor.shape().equals(expected)) {
      throw new BadInputException(
          "The tensor %s has the shape %s; config.json says %s."
              .formatted(name, tensor.shape(), expected),
          "the weights and config.json are of two models.");
    }
    return tensor;
  }

  /** The weights of a linear layer, stored {@code [output][input]}. */
  Linear linear(String name, int outputs, int inputs) {
    return linear(tensor(name, outputs, inputs), 0, outputs, inputs);
  }

  /** Linear layers that are stored as one, their outputs one after the other. */
  Linear[] fusedLinear(String name, int inputs, int... outputs) {
    Tensor all = tensor(name, Arrays.stream(outputs).sum(), inputs);
    var parts = new Linear[outputs.length];
    int from = 0;
    for (int part = 0; part < parts.length; part++) {
      parts[part] = linear(all, from, outputs[part], inputs);
      from += outputs[part];
    }
    return parts;
  }

  private Linear linear(Tensor tensor, int firstOutput, int outputs, int inputs) {
    var stored = new Linear.Stored(tensor, firstOutput, outputs, inputs);
    return switch (residency) {
      case HELD -> stored.held(workers);
      case STREAMED -> stored;
    };
  }
}
