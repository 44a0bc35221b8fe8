package io.sparseplan.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Standard output that remembers why it could not be written to. A {@link java.io.PrintWriter} only
 * remembers that, so that a full disk would go unnoticed and a closed pipe could not be told from
 * it.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream out;
  private IOException failure;

  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    try {
      out.write(bytes, from, count);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** Why something that was written did not arrive. */
  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Whether its reader went away, as {@code head} does: no mistake of anybody. */
  boolean isClosedByReader() {
    return failure().map(IOException::getMessage).stream()
        .anyMatch(message -> message.contains("Broken pipe"));
  }
}
