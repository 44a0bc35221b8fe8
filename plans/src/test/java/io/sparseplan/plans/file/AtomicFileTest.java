package io.sparseplan.plans.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
  @TempDir Path directory;

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = directory.resolve("deep/plan.json");
    AtomicFile.write(file, out -> out.write("old".getBytes()));
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("disk full");
                    }))
        .hasMessage(file + ": disk full");
    assertThat(file).hasContent("old");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aSecondWriteReplacesTheFirst() throws IOException {
    Path file = directory.resolve("plan.json");
    AtomicFile.write(file, out -> out.write("a longer first text".getBytes()));
    AtomicFile.write(file, out -> out.write("new".getBytes()));
    assertThat(file).hasContent("new");
  }

  @Test
  void whatAKilledWriterLeftIsDeletedByTheNext() throws IOException {
    Path file = directory.resolve("plan.json");
    Path abandoned = Files.createFile(directory.resolve(temporaryOf("plan.json")));
    Path ofAnother = Files.createFile(directory.resolve(temporaryOf("plan.json.x")));
    Path noTemporary = Files.createFile(directory.resolve(".plan.json.mine.part"));
    AtomicFile.write(file, out -> out.write("new".getBytes()));
    assertThat(abandoned).doesNotExist();
    assertThat(List.of(file, ofAnother, noTemporary)).allMatch(Files::exists);
  }

  @Test
  void whatAnotherThreadIsWritingStays() throws IOException {
    Path file = directory.resolve("plan.json");
    AtomicFile.write(
        file,
        out -> {
          AtomicFile.write(file, inner -> inner.write("inner".getBytes()));
          assertThat(file).hasContent("inner");
          out.write("outer".getBytes());
        });
    assertThat(file).hasContent("outer");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatAnotherProcessIsWritingStays() throws Exception {
    Path file = directory.resolve("plan.json");
    Path theirs = Files.createFile(directory.resolve(temporaryOf("plan.json")));
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LockHolder.class.getName(),
                theirs.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(writer.inputReader().readLine()).isEqualTo("locked");
      AtomicFile.write(file, out -> out.write("ours".getBytes()));
      assertThat(theirs).exists();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    AtomicFile.write(file, out -> out.write("ours again".getBytes()));
    assertThat(theirs).doesNotExist();
  }

  /** Locks a file, says so, and waits to be killed. */
  static final class LockHolder {
    public static void main(String[] arguments) throws Exception {
      try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        System.out.println("locked");
        Thread.sleep(Duration.ofMinutes(1));
      }
    }
  }

  private static String temporaryOf(String name) {
    return ".%s.123e4567-e89b-12d3-a456-426614174000.part".formatted(name);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLinkStaysALinkAndADeviceADevice() throws IOException {
    Path file = directory.resolve("plan.json");
    AtomicFile.write(file, out -> out.write("old".getBytes()));
    Path link =
        Files.createSymbolicLink(
            Files.createDirectory(directory.resolve("links")).resolve("latest.json"), file);
    AtomicFile.write(link, out -> out.write("new".getBytes()));
    assertThat(link).isSymbolicLink();
    assertThat(file).hasContent("new");

    Path full = Path.of("/dev/full");
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.write(full, out -> out.write(new byte[10])))
        .withMessageContaining("No space left on device");
    assertThat(Files.isRegularFile(full)).isFalse();
  }
}
