package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What Jazzer calls with its inputs. Of the parser that the property {@code sparseplan.parser}
 * names, or else of the one that the first byte names, so that one run reaches all of them.
 */
public final class FuzzTarget {
  private static final Parser[] PARSERS = Parser.values();
  private static final String ONE = System.getProperty("sparseplan.parser", "");
  private static final Path DIRECTORY = directory();

  private FuzzTarget() {}

  private static Path directory() {
    Path memory = Path.of("/dev/shm");
    try {
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "sparseplan-fuzz")
          : Files.createTempDirectory("sparseplan-fuzz");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (!ONE.isEmpty()) {
      read(Parser.valueOf(ONE), input);
    } else if (input.length > 0) {
      read(
          PARSERS[Byte.toUnsignedInt(input[0]) % PARSERS.length],
          Arrays.copyOfRange(input, 1, input.length));
    }
  }

  private static void read(Parser parser, byte[] bytes) throws IOException {
    try {
      parser.read(bytes, DIRECTORY);
    } catch (BadInputException e) {
      // Refused, as it should be.
      return;
    }
  }
}
