package io.sparseplan.costmodel.measured;

import io.sparseplan.plans.BadInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A rows file: which format it has, and what is said when it cannot be read. */
final class RowFile {
  /** Makes a row of the fields in a line. */
  @FunctionalInterface
  interface RowOf<T> {
    T make(RowFields fields, int line);
  }

  private RowFile() {}

  static <T> List<T> read(Path file, RowOf<T> row) {
    String name = file.toString();
    boolean zipped = name.endsWith(".gz");
    boolean csv = name.endsWith(".csv") || name.endsWith(".csv.gz");
    var rows = new ArrayList<T>();
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = zipped ? new GZIPInputStream(raw) : raw;
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      var decoder = new RowDecoder(file);
      RowSink sink = (fields, line) -> rows.add(decoder.row(fields, line, row));
      if (csv) {
        CsvRows.forEach(lines, decoder, sink);
      } else {
        forEachLine(lines, decoder, sink);
      }
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The rows (%s) do not exist.".formatted(file), "check the path.", e);
    } catch (UncheckedIOException e) {
      throw unreadable(file, e.getCause());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    if (rows.isEmpty()) {
      throw new BadInputException(
          "The rows (%s) are none: the file has no rows.".formatted(file), "it is another file.");
    }
    return List.copyOf(rows);
  }

  private static void forEachLine(BufferedReader lines, RowDecoder decoder, RowSink sink)
      throws IOException {
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        sink.accept(decoder.json(line, number), number);
      }
    }
  }

  private static BadInputException unreadable(Path file, IOException e) {
    return new BadInputException(
        "The rows (%s) cannot be read: %s.".formatted(file, e.getMessage()),
        "the file was cut short, or is named .gz without being gzipped.",
        e);
  }
}
