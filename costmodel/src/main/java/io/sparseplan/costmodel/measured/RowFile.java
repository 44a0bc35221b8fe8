package io.sparseplan.costmodel.measured;

import java.nio.file.Path;
import java.util.List;

/** A rows file in either format: JSON on each line, or CSV. */
final class RowFile {
  /** Makes a row of the fields in a line. */
  @FunctionalInterface
  interface RowOf<T> {
    T make(RowFields fields, int line);
  }

  private RowFile() {}

  static <T> List<T> read(Path file, RowOf<T> row) {
    String name = file.toString();
    boolean csv = name.endsWith(".csv") || name.endsWith(".csv.gz");
    var decoder = new RowDecoder(file);
    return RowText.read(
        file,
        (text, rows) -> {
          RowSink sink = (fields, line) -> rows.accept(decoder.row(fields, line, row));
          if (csv) {
            CsvRows.forEach(text, decoder, sink);
          } else {
            RowText.forEachLine(
                text, (line, number) -> sink.accept(decoder.json(line, number), number));
          }
        });
  }
}
