package io.sparseplan.profiler;

import io.sparseplan.plans.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.tukaani.xz.XZInputStream;

/** What PyTorch computed, packed to keep the repository small. */
final class PackedReference {
  private PackedReference() {}

  /** Unpacks a {@code .safetensors.xz}; the copy goes when the process ends. */
  static SafetensorsFile open(Path packed) {
    try (var in = new XZInputStream(Files.newInputStream(packed))) {
      Path file = Files.createTempFile("reference", ".safetensors");
      file.toFile().deleteOnExit();
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return SafetensorsFile.map(file, Arena.ofAuto());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
