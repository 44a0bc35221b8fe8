package io.sparseplan.profiler.gpu;

import jcuda.Pointer;

/**
 * Some rows of a matrix in a GPU's memory.
 *
 * @param stride elements from one row to the next
 * @param first row
 * @param count of rows
 */
record GpuRows(GpuBuffer buffer, Element element, int stride, int first, int count) {
  /** What a matrix is made of. */
  enum Element {
    BF16(Short.BYTES),
    FLOAT(Float.BYTES);

    private final int bytes;

    Element(int bytes) {
      this.bytes = bytes;
    }
  }

  /** Elements of a row that a matrix product reads: whole pieces of 16 bytes. */
  static int operandStride(int width) {
    return Math.ceilDiv(width, 8) * 8;
  }

  /** Elements of a row that a matrix product writes, two at a time. */
  static int productStride(int width) {
    return Math.ceilDiv(width, 2) * 2;
  }

  static GpuRows bf16(GpuBuffer buffer, int width, int rows) {
    return new GpuRows(buffer, Element.BF16, operandStride(width), 0, rows);
  }

  static GpuRows floats(GpuBuffer buffer, int width, int rows) {
    return new GpuRows(buffer, Element.FLOAT, productStride(width), 0, rows);
  }

  /** Rows {@code from..from+rows−1} of these. */
  GpuRows part(int from, int rows) {
    if (from < 0 || rows < 1 || from + rows > count) {
      throw new IndexOutOfBoundsException(
          "Rows %d to %d of %d.".formatted(from, from + rows, count));
    }
    return new GpuRows(buffer, element, stride, first + from, rows);
  }

  /** The first of the rows as an argument of a kernel. */
  Pointer argument() {
    return buffer.argumentFrom((long) first * stride * element.bytes);
  }
}
