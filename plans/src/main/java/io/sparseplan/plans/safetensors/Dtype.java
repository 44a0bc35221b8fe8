package io.sparseplan.plans.safetensors;

/**
 * The element types of tensors that are read or written here. Little-endian, as the format says.
 */
public enum Dtype {
  F32(4),
  F16(2),
  BF16(2),
  I32(4),
  I64(8),
  BOOL(1),
  U8(1),
  U16(2);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }
}
