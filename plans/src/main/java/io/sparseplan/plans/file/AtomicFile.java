package io.sparseplan.plans.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Writes a file whole or not at all: a temporary name beside it, then fsync, then a move. */
public final class AtomicFile {
  /** What to write. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private static final String SUFFIX = ".part";
  private static final int UUID_LENGTH = 36;

  private AtomicFile() {}

  /**
   * Replaces {@code file} by {@code content}. Makes missing parent directories. When anything
   * fails, the old file stays as it was and no other file is left.
   */
  public static void write(Path file, Content content) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent();
    Files.createDirectories(directory);
    // Not Files.createTempFile: that would hide the result from everybody but its owner.
    Path temporary = directory.resolve(prefix(absolute) + UUID.randomUUID() + SUFFIX);
    Interrupted.UNFINISHED.add(temporary);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        var out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceEntry(directory);
    } finally {
      Files.deleteIfExists(temporary);
      Interrupted.UNFINISHED.remove(temporary);
    }
  }

  /** Deletes what is half written when a signal such as Ctrl-C ends the program. */
  private static final class Interrupted {
    private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(Interrupted::deleteUnfinished));
    }

    private static void deleteUnfinished() {
      for (Path file : UNFINISHED) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          // The program ends; what is left is deleted by the next run.
          return;
        }
      }
    }
  }

  /** Makes the move survive a power failure, where the system lets directories be opened. */
  private static void forceEntry(Path directory) throws IOException {
    if (!System.getProperty("os.name").startsWith("Windows")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /**
   * Deletes what writers of {@code file} that were killed have left beside it. None may be at work.
   */
  public static void deleteLeftovers(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent();
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path leftover : files.filter(other -> isTemporaryOf(absolute, other)).toList()) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  private static boolean isTemporaryOf(Path file, Path other) {
    String name = other.getFileName().toString();
    int uuidLength = name.length() - prefix(file).length() - SUFFIX.length();
    return name.startsWith(prefix(file)) && name.endsWith(SUFFIX) && uuidLength == UUID_LENGTH;
  }

  private static String prefix(Path file) {
    return "." + file.getFileName() + ".";
  }
}
