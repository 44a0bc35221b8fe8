package io.sparseplan.plans.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Writes a file whole or not at all: a temporary name beside it, then fsync, then a move.
 *
 * <p>A writer holds a lock on its temporary file until that is moved, and the system lets go of the
 * lock when the writer is killed. So the next writer of the same file can tell what was abandoned
 * from what another is writing, and deletes it.
 */
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
   * fails, the old file stays as it was and no other file is left. A link keeps, and what it leads
   * to is replaced; what is no file, such as {@code /dev/null} or a pipe, is written to.
   */
  public static void write(Path file, Content content) throws IOException {
    Path absolute = file.toAbsolutePath();
    if (isDevice(absolute)) {
      try (OutputStream out = Files.newOutputStream(absolute, StandardOpenOption.WRITE)) {
        content.writeTo(out);
      }
      return;
    }
    Path target = Files.isRegularFile(absolute) ? absolute.toRealPath() : absolute;
    Path directory = target.getParent();
    Files.createDirectories(directory);
    deleteLeftovers(target);
    try (Temporary temporary = Temporary.beside(target)) {
      var out = new BufferedOutputStream(Channels.newOutputStream(temporary.channel), 1 << 16);
      content.writeTo(out);
      out.flush();
      temporary.channel.force(true);
      temporary.moveTo(target);
      forceEntry(directory);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw named(target, e);
    }
  }

  /** A full disk is told without saying which file has no room. */
  private static FileSystemException named(Path target, IOException cause) {
    var named = new FileSystemException(target.toString(), null, cause.getMessage());
    named.initCause(cause);
    return named;
  }

  private static boolean isDevice(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
  }

  /** A file that is being written, locked as long as it is open. */
  private record Temporary(Path path, FileChannel channel) implements AutoCloseable {
    static Temporary beside(Path target) throws IOException {
      while (true) {
        // Not Files.createTempFile: that would hide the result from everybody but its owner.
        Path path = target.resolveSibling(prefix(target) + UUID.randomUUID() + SUFFIX);
        var temporary = new Temporary(path, Interrupted.create(path));
        if (temporary.isLocked()) {
          return temporary;
        }
        temporary.close();
      }
    }

    /** False where another run took the new file for an abandoned one before it was locked. */
    private boolean isLocked() {
      try {
        return channel.tryLock() != null && Files.exists(path);
      } catch (IOException e) {
        // Files cannot be locked here, so nothing is ever taken to be abandoned.
        return true;
      }
    }

    void moveTo(Path target) throws IOException {
      Interrupted.FILES.lock();
      try {
        Files.move(
            path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Interrupted.FILES.unlock();
      }
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        Files.deleteIfExists(path);
      } finally {
        Interrupted.UNFINISHED.remove(path);
      }
    }
  }

  /** Deletes what is half written when a signal such as Ctrl-C ends the program. */
  private static final class Interrupted {
    private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

    /**
     * Held while a temporary file is made or moved, and for good once they are being deleted:
     * threads that still write then wait for the end, and neither leave a file nor miss theirs.
     */
    private static final Lock FILES = new ReentrantLock();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(Interrupted::deleteUnfinished));
    }

    static FileChannel create(Path path) throws IOException {
      FILES.lock();
      UNFINISHED.add(path);
      try {
        return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
      } catch (IOException e) {
        UNFINISHED.remove(path);
        throw e;
      } finally {
        FILES.unlock();
      }
    }

    private static void deleteUnfinished() {
      FILES.lock();
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

  /** Deletes what writers of {@code file} that were killed have left beside it. */
  public static void deleteLeftovers(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent();
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path leftover : files.filter(other -> isTemporaryOf(absolute, other)).toList()) {
        // One of this process is not opened: closing it again would let go of its lock.
        if (!Interrupted.UNFINISHED.contains(leftover)) {
          deleteIfAbandoned(leftover);
        }
      }
    }
  }

  private static void deleteIfAbandoned(Path leftover) {
    try (FileChannel channel = FileChannel.open(leftover, StandardOpenOption.WRITE)) {
      if (channel.tryLock() != null) {
        Files.deleteIfExists(leftover);
      }
    } catch (NoSuchFileException e) {
      // Its writer has just moved it.
      return;
    } catch (IOException e) {
      // Nobody can tell; it hides nothing, and its name says what it is.
      return;
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
