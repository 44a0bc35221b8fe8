package io.sparseplan.plans.safetensors;

/** The element types that a checkpoint's tensors may have. Little-endian, as the format says. */
public enum Dtype {
  F32(4),
  F16(2),
  BF16(2),
  I32(4),
  I64(8);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }
}
