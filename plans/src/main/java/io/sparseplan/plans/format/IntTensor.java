package io.sparseplan.plans.format;

import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** A tensor of int32, or of flags, that is being filled. */
final class IntTensor {
  private final List<Long> shape;
  private final int[] values;

  IntTensor(int... shape) {
    this.shape = Arrays.stream(shape).asLongStream().boxed().toList();
    this.values =
        new int
            [Math.toIntExact(Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact))];
  }

  /** A tensor of one dimension. */
  static IntTensor of(int[] values) {
    var tensor = new IntTensor(values.length);
    System.arraycopy(values, 0, tensor.values, 0, values.length);
    return tensor;
  }

  void set(int place, int value) {
    values[place] = value;
  }

  SafetensorsWriter.Part asInts(String name) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(Integer.BYTES, values.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return new SafetensorsWriter.Part(name, Dtype.I32, shape, bytes.array());
  }

  SafetensorsWriter.Part asFlags(String name, Dtype dtype) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new SafetensorsWriter.Part(name, dtype, shape, bytes);
  }
}
