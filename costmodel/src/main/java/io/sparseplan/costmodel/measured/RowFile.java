package io.sparseplan.costmodel.measured;

import java.nio.file.Path;
import java.util.List;

/** A rows file in either format: JSON on each line, or CSV. */
public final class RowFile {
  /**
   * Makes a row of the fields in a line.
   *
   * @param <F> the fields, as a record that Jackson fills
   */
  @FunctionalInterface
  public interface RowOf<F, T> {
    /**
     * @throws IllegalArgumentException if the fields contradict each other
     */
    T make(F fields, int line);
  }

  private RowFile() {}

  /**
   * @param file {@code .jsonl}, {@code .csv}, or {@code .gz} of either
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or a line is no row; it
   *     says which line and, where it can, which field
   */
  public static <F, T> List<T> read(Path file, Class<F> fieldsOfRow, RowOf<F, T> row) {
    String name = file.toString();
    boolean csv = name.endsWith(".csv") || name.endsWith(".csv.gz");
    var decoder = new RowDecoder(file);
    return RowText.read(
        file,
        (text, rows) -> {
          RowSink sink = (fields, line) -> rows.accept(decoder.row(fields, line, fieldsOfRow, row));
          if (csv) {
            CsvRows.forEach(text, decoder, sink);
          } else {
            RowText.forEachLine(
                text, (line, number) -> sink.accept(decoder.json(line, number), number));
          }
        });
  }
}
