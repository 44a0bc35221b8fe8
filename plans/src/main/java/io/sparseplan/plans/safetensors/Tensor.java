package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.BadInputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * One tensor of a mapped file: nothing is copied until its elements are asked for.
 *
 * @param file where it is, for messages
 * @param shape outermost first; empty for a scalar
 * @param bytes the elements, row-major, little-endian, perhaps unaligned
 */
public record Tensor(Path file, String name, Dtype dtype, List<Long> shape, MemorySegment bytes) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public Tensor {
    shape = List.copyOf(shape);
  }

  /** The number of elements. */
  public long elements() {
    return bytes.byteSize() / dtype.bytes();
  }

  /**
   * The elements as float32; bfloat16 and float16 are widened exactly.
   *
   * @throws BadInputException if an element is not finite, or the tensor is not of floats, or it
   *     has 2^31 elements or more
   */
  public float[] toFloats() {
    float[] floats = new float[count()];
    copyFloats(0, floats.length, floats, 0);
    return floats;
  }

  /**
   * Copies some elements as float32; bfloat16 and float16 are widened exactly.
   *
   * @throws BadInputException if an element is not finite, or the tensor is not of floats
   */
  public void copyFloats(long from, int count, float[] target, int targetAt) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(bytes, FLOAT, 4 * from, target, targetAt, count);
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target[targetAt + i] = Float.intBitsToFloat(bytes.getAtIndex(SHORT, from + i) << 16);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          target[targetAt + i] = Float.float16ToFloat(bytes.getAtIndex(SHORT, from + i));
        }
      }
      case I32, I64, BOOL, U8, U16 -> throw refuse("is not of floats but of " + dtype);
    }
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(target[targetAt + i])) {
        throw refuse(
            "has a value (%s) at element %d that is not finite"
                .formatted(target[targetAt + i], from + i));
      }
    }
  }

  /**
   * The elements of an I32 tensor.
   *
   * @throws BadInputException if the tensor is of another type
   */
  public int[] toInts() {
    require(Dtype.I32);
    int[] ints = new int[count()];
    MemorySegment.copy(bytes, INT, 0, ints, 0, ints.length);
    return ints;
  }

  /**
   * The elements of a U16 tensor, from 32,768 on as negative numbers: see {@link
   * Short#toUnsignedInt}.
   *
   * @throws BadInputException if the tensor is of another type
   */
  public short[] toUnsignedShorts() {
    require(Dtype.U16);
    short[] shorts = new short[count()];
    MemorySegment.copy(bytes, SHORT, 0, shorts, 0, shorts.length);
    return shorts;
  }

  /**
   * The elements of a U8 tensor, from 128 on as negative numbers: see {@link Byte#toUnsignedInt}.
   *
   * @throws BadInputException if the tensor is of another type
   */
  public byte[] toUnsignedBytes() {
    require(Dtype.U8);
    count();
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * The elements of a BOOL or U8 tensor of zeros and ones.
   *
   * @throws BadInputException if the tensor is of another type, or has another element
   */
  public boolean[] toFlags() {
    if (dtype != Dtype.BOOL && dtype != Dtype.U8) {
      throw refuse("is not of BOOL or U8 but of " + dtype);
    }
    boolean[] flags = new boolean[count()];
    for (int i = 0; i < flags.length; i++) {
      byte flag = bytes.get(ValueLayout.JAVA_BYTE, i);
      if (flag != 0 && flag != 1) {
        throw refuse("has a value (%d) at element %d that is neither 0 nor 1".formatted(flag, i));
      }
      flags[i] = flag == 1;
    }
    return flags;
  }

  private void require(Dtype wanted) {
    if (dtype != wanted) {
      throw refuse("is not of %s but of %s".formatted(wanted, dtype));
    }
  }

  private int count() {
    if (elements() > Integer.MAX_VALUE - 8) {
      throw refuse("has %d elements, more than one array holds".formatted(elements()));
    }
    return (int) elements();
  }

  private BadInputException refuse(String why) {
    return new BadInputException(
        "The tensor %s %s, in %s.".formatted(name, why, file),
        "the file is damaged: fetch it or make it again.");
  }
}
