package io.sparseplan.plans.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * UTF-8 text that may be packed: a file whose name ends in {@code .gz} is unpacked on reading. What
 * is read at once is bounded: a line has a longest length, and a packed file cannot be blown up to
 * fill the memory.
 */
public final class TextFile {
  private static final String PACKED = ".gz";

  /** A line that gives the ids of a million tokens has a tenth of this. */
  static final int MOST_LINE_CHARACTERS = 1 << 26;

  private TextFile() {}

  /**
   * Malformed UTF-8 is an error, as it is for {@link Files#newBufferedReader(Path)}.
   *
   * @throws IOException if the file is missing, cannot be read, or is not packed though named so;
   *     and from the reader if it unpacks to more than a text does
   */
  public static BufferedReader open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      InputStream text =
          file.toString().endsWith(PACKED)
              ? new Unpacked(new GZIPInputStream(raw), Files.size(file))
              : raw;
      return new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8.newDecoder()));
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /**
   * The next line without its end, which is a line feed, a carriage return or both; empty after the
   * last.
   *
   * @throws IOException if the line is longer than any that is meant, or is no UTF-8
   */
  public static Optional<String> line(BufferedReader text) throws IOException {
    try {
      return line(text, MOST_LINE_CHARACTERS);
    } catch (CharacterCodingException e) {
      throw new IOException("its bytes are no UTF-8 text", e);
    }
  }

  static Optional<String> line(BufferedReader text, int mostCharacters) throws IOException {
    int next = text.read();
    if (next < 0) {
      return Optional.empty();
    }
    var line = new StringBuilder();
    while (next >= 0 && next != '\n' && next != '\r') {
      if (line.length() == mostCharacters) {
        throw new IOException("a line is longer than %d characters".formatted(mostCharacters));
      }
      line.append((char) next);
      next = text.read();
    }
    if (next == '\r') {
      skipLineFeed(text);
    }
    return Optional.of(line.toString());
  }

  private static void skipLineFeed(BufferedReader text) throws IOException {
    text.mark(1);
    if (text.read() != '\n') {
      text.reset();
    }
  }

  /** The file's path, or that of its packed form where only this exists. */
  public static Path plainOrPacked(Path file) {
    Path packed = file.resolveSibling(file.getFileName() + PACKED);
    return !Files.exists(file) && Files.exists(packed) ? packed : file;
  }
}
