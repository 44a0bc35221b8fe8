package io.sparseplan.plans.file;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * An unpacked stream that ends with an error where it becomes far longer than text can be that was
 * packed into so few bytes: a small file of one byte repeated unpacks to a thousand times its size.
 */
final class Unpacked extends FilterInputStream {
  /** Rows that repeat all but a number reach a tenth of this. */
  private static final long MOST_RATIO = 200;

  private static final long ALWAYS_ALLOWED = 1L << 24;

  private final long packedBytes;
  private long bytesLeft;

  /**
   * @param packedBytes size of the file
   */
  Unpacked(InputStream unpacked, long packedBytes) {
    super(unpacked);
    this.packedBytes = packedBytes;
    bytesLeft = ALWAYS_ALLOWED + MOST_RATIO * packedBytes;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    count(Math.max(read, 0));
    return read;
  }

  private void count(int read) throws IOException {
    bytesLeft -= read;
    if (bytesLeft < 0) {
      throw new IOException(
          "its %d bytes unpack to more than %d times as many".formatted(packedBytes, MOST_RATIO));
    }
  }
}
