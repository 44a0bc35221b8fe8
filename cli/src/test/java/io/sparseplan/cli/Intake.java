package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.KernelFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A place where bytes come in that somebody else may have written. */
sealed interface Intake permits Parser, Importer {
  /** What a property, a seed and a finding call it. */
  String name();

  /** A small file that is read without an error, or is refused for what it lacks beside it. */
  byte[] seed() throws IOException;

  /**
   * Reads the bytes as a command would.
   *
   * @param directory to put files in
   * @throws BadInputException if they are refused
   */
  void read(byte[] bytes, Path directory) throws IOException;

  /** All of them: this program's own files and models', then the formats of peers. */
  static List<Intake> all() {
    return Stream.<Intake>concat(
            Stream.of(Parser.values()),
            Formats.all().stream()
                .filter(format -> !(format instanceof KernelFormat))
                .map(Importer::new))
        .toList();
  }

  static Intake named(String name) {
    return all().stream()
        .filter(intake -> intake.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no intake " + name + "."));
  }

  /** A file of the directory {@code seeds}, where the larger ones are packed. */
  static byte[] stored(String name) throws IOException {
    try (InputStream plain = Intake.class.getResourceAsStream("seeds/" + name)) {
      if (plain != null) {
        return plain.readAllBytes();
      }
    }
    try (InputStream packed = Intake.class.getResourceAsStream("seeds/" + name + ".gz");
        var unpacked = new GZIPInputStream(packed)) {
      return unpacked.readAllBytes();
    }
  }
}
