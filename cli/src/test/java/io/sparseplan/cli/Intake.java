package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.KernelFormat;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A place where bytes come in that somebody else may have written. */
sealed interface Intake permits Parser, Importer, OptionText {
  /** What a seed and a finding call it. */
  String name();

  /** A small file that is read without an error. */
  byte[] seed() throws IOException;

  /** Puts into the directory what a file of this kind refers to. */
  default void lay(Path directory) throws IOException {}

  /**
   * Reads the bytes as a command would.
   *
   * @param directory this intake's own, laid; the bytes may be put there as a file
   * @throws BadInputException if they are refused
   */
  void read(byte[] bytes, Path directory) throws IOException;

  /** All of them: this program's own files and models', the formats of peers, texts of options. */
  static List<Intake> all() {
    Stream<Intake> formats =
        Formats.all().stream()
            .filter(format -> !(format instanceof KernelFormat))
            .map(Importer::new);
    return Stream.of(Stream.of(Parser.values()), formats, Stream.of(OptionText.values()))
        .<Intake>flatMap(intakes -> intakes)
        .toList();
  }

  /**
   * @throws IllegalArgumentException if there is none of that name
   */
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

  /** Inputs that this one failed on once: the files {@code findings/NAME.what}. */
  static List<Path> findings(Intake intake) throws IOException {
    return findings().stream()
        .filter(file -> file.getFileName().toString().startsWith(intake.name() + "."))
        .toList();
  }

  /** Those of all. */
  static List<Path> findings() throws IOException {
    URI readme = URI.create(Intake.class.getResource("findings/README").toString());
    try (Stream<Path> files = Files.list(Path.of(readme).getParent())) {
      return files.filter(file -> !file.endsWith("README")).sorted().toList();
    }
  }
}
