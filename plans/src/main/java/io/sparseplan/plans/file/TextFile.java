package io.sparseplan.plans.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** UTF-8 text that may be packed: a file whose name ends in {@code .gz} is unpacked on reading. */
public final class TextFile {
  private static final String PACKED = ".gz";

  private TextFile() {}

  /**
   * Malformed UTF-8 is an error, as it is for {@link Files#newBufferedReader(Path)}.
   *
   * @throws IOException if the file is missing, cannot be read, or is not packed though named so
   */
  public static BufferedReader open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      InputStream text = file.toString().endsWith(PACKED) ? new GZIPInputStream(raw) : raw;
      return new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8.newDecoder()));
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** The file's path, or that of its packed form where only this exists. */
  public static Path plainOrPacked(Path file) {
    Path packed = file.resolveSibling(file.getFileName() + PACKED);
    return !Files.exists(file) && Files.exists(packed) ? packed : file;
  }
}
