package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a record's component may be to become a tensor, and of which elements the tensor then is.
 * Unsigned shorts that are all below 256 become bytes.
 */
enum ColumnType {
  FLOAT(float.class, Dtype.F32),
  FLOATS(float[].class, Dtype.F32),
  INT(int.class, Dtype.I32),
  INTS(int[].class, Dtype.I32),
  UNSIGNED_SHORTS(short[].class, Dtype.U16),
  UNSIGNED_BYTES(byte[].class, Dtype.U8);

  private final Class<?> type;
  private final Dtype dtype;

  ColumnType(Class<?> type, Dtype dtype) {
    this.type = type;
    this.dtype = dtype;
  }

  static ColumnType of(Class<?> type) {
    return Arrays.stream(values())
        .filter(column -> column.type == type)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "A component of %s cannot become a tensor.".formatted(type)));
  }

  Part part(String name, List<?> rows) {
    int width = type.isArray() && !rows.isEmpty() ? Array.getLength(rows.getFirst()) : 1;
    Dtype stored = stored(rows);
    var bytes =
        ByteBuffer.allocate(Math.multiplyExact(rows.size() * width, stored.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (Object row : rows) {
      if (type.isArray() && Array.getLength(row) != width) {
        throw new IllegalArgumentException(
            "The %s has %d elements in one record and %d in another."
                .formatted(name, width, Array.getLength(row)));
      }
      put(bytes, row, stored);
    }
    List<Long> shape =
        type.isArray() ? List.of((long) rows.size(), (long) width) : List.of((long) rows.size());
    return new Part(name, stored, shape, bytes.array());
  }

  private Dtype stored(List<?> rows) {
    boolean small =
        this == UNSIGNED_SHORTS && rows.stream().allMatch(row -> belowByte((short[]) row));
    return small ? Dtype.U8 : dtype;
  }

  private static boolean belowByte(short[] values) {
    for (short value : values) {
      if (value < 0 || value > 0xff) {
        return false;
      }
    }
    return true;
  }

  private void put(ByteBuffer bytes, Object row, Dtype stored) {
    switch (this) {
      case FLOAT -> bytes.putFloat((float) row);
      case FLOATS -> {
        for (float value : (float[]) row) {
          bytes.putFloat(value);
        }
      }
      case INT -> bytes.putInt((int) row);
      case INTS -> {
        for (int value : (int[]) row) {
          bytes.putInt(value);
        }
      }
      case UNSIGNED_SHORTS -> {
        for (short value : (short[]) row) {
          if (stored == Dtype.U8) {
            bytes.put((byte) value);
          } else {
            bytes.putShort(value);
          }
        }
      }
      case UNSIGNED_BYTES -> bytes.put((byte[]) row);
    }
  }

  /**
   * @return one value a row
   */
  List<Object> values(TensorSource source, Tensor tensor, int rows) {
    requireShape(source, tensor, rows);
    Object all =
        switch (dtype) {
          case F32 -> tensor.toFloats();
          case I32 -> tensor.toInts();
          case U16 -> tensor.dtype() == Dtype.U8 ? widened(tensor) : tensor.toUnsignedShorts();
          case U8 -> tensor.toUnsignedBytes();
          case F16, BF16, I64, BOOL ->
              throw new IllegalStateException("No column is of %s.".formatted(dtype));
        };
    int width = type.isArray() ? (int) (long) tensor.shape().get(1) : 1;
    var values = new ArrayList<Object>();
    for (int row = 0; row < rows; row++) {
      if (type.isArray()) {
        Object value = Array.newInstance(type.getComponentType(), width);
        System.arraycopy(all, row * width, value, 0, width);
        values.add(value);
      } else {
        values.add(Array.get(all, row));
      }
    }
    return values;
  }

  private static short[] widened(Tensor tensor) {
    byte[] bytes = tensor.toUnsignedBytes();
    short[] shorts = new short[bytes.length];
    for (int at = 0; at < shorts.length; at++) {
      shorts[at] = (short) Byte.toUnsignedInt(bytes[at]);
    }
    return shorts;
  }

  private boolean isStoredAs(Dtype found) {
    return found == dtype || this == UNSIGNED_SHORTS && found == Dtype.U8;
  }

  private void requireShape(TensorSource source, Tensor tensor, int rows) {
    int axes = type.isArray() ? 2 : 1;
    List<Long> shape = tensor.shape();
    if (!isStoredAs(tensor.dtype())
        || shape.size() != axes
        || shape.getFirst() != rows
        || shape.getLast() > Integer.MAX_VALUE) {
      throw source.malformed(
          "the tensor %s is %s %s; it must be %s [%d%s]"
              .formatted(
                  tensor.name(),
                  tensor.dtype(),
                  shape,
                  dtype,
                  rows,
                  type.isArray() ? ", any" : ""));
    }
  }
}
