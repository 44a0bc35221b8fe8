package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;

/**
 * Keeps a directory for one run while it writes several files there that belong together. The
 * system lets go of it when the run ends, however it ends.
 */
final class OutputLock implements AutoCloseable {
  private static final String NAME = ".sparseplan.lock";
  private static final int MOST_MARK_BYTES = 1 << 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path file;
  private final FileChannel channel;

  private OutputLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Makes the directory where it is missing.
   *
   * @throws BadInputException if another run has it
   */
  static OutputLock of(Path directory) throws IOException {
    Outputs.requireWritable(directory);
    Path file = directory.resolve(NAME);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      if (!isOurs(channel, file)) {
        throw new BadInputException(
            "Another run writes to the directory (%s).".formatted(directory),
            "wait for it, or write to another with -o.");
      }
      return new OutputLock(file, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** A run that ends deletes the file, so a lock may be of a file that is no longer there. */
  private static boolean isOurs(FileChannel channel, Path file) throws IOException {
    try {
      if (channel.tryLock() == null) {
        return false;
      }
    } catch (OverlappingFileLockException e) {
      return false;
    }
    // Told by its length: reading it would open it again, and closing that lets go of the lock.
    int mark = 1 + RANDOM.nextInt(MOST_MARK_BYTES);
    channel.truncate(0);
    channel.write(ByteBuffer.allocate(mark));
    try {
      return Files.size(file) == mark;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
