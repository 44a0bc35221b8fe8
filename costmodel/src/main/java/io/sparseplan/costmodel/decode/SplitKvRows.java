package io.sparseplan.costmodel.decode;

import io.sparseplan.costmodel.measured.RowText;
import io.sparseplan.plans.file.JsonFile;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/** Reads measurements of the split-KV kernel: a row as a JSON object on each line. */
public final class SplitKvRows {
  private SplitKvRows() {}

  /**
   * @param file {@code .jsonl}, or {@code .gz} of that
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or a line is no row; it
   *     says which line
   */
  public static List<SplitKvRow> read(Path file) {
    return RowText.read(
        file,
        (text, rows) ->
            RowText.forEachLine(text, (line, number) -> rows.accept(row(line, number, file))));
  }

  private static SplitKvRow row(String line, int number, Path file) {
    try {
      return JsonFile.mapper().readValue(line, SplitKvRow.class);
    } catch (JacksonException e) {
      throw JsonFile.refuse(file, "row in line " + number + " of the measurements", e);
    }
  }
}
