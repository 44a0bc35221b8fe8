package io.sparseplan.profiler;

import io.sparseplan.plans.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.tukaani.xz.XZInputStream;

/** What PyTorch computed, or computed with, packed to keep the repository small. */
final class PackedReference {
  private PackedReference() {}

  /** Unpacks a {@code .safetensors.xz}; the copy goes when the process ends. */
  static SafetensorsFile open(Path packed) {
    try {
      Path file = Files.createTempFile("reference", ".safetensors");
      file.toFile().deleteOnExit();
      unpack(packed, file);
      return SafetensorsFile.map(file, Arena.ofAuto());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes what a {@code .xz} holds. */
  static void unpack(Path packed, Path into) {
    try (var in = new XZInputStream(Files.newInputStream(packed))) {
      Files.copy(in, into, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
