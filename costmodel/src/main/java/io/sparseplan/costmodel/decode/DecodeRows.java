package io.sparseplan.costmodel.decode;

import io.sparseplan.costmodel.measured.RowFile;
import io.sparseplan.costmodel.measured.RowText;
import java.nio.file.Path;
import java.util.List;

/** Reads decode steps of a split-KV kernel, measured or not. */
public final class DecodeRows {
  /** The field that only these rows have. */
  private static final String OWN_FIELD = "heads_of_kv";

  private DecodeRows() {}

  /**
   * Whether a rows file is of such steps, by its first line: a JSON object or the CSV's columns.
   *
   * @throws io.sparseplan.plans.BadInputException if the file is missing or empty
   */
  public static boolean isOf(Path file) {
    return RowText.firstLine(file).contains(OWN_FIELD);
  }

  /**
   * @param file {@code .jsonl}, {@code .csv}, or {@code .gz} of either
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or a line is no step
   */
  public static List<DecodeRow> read(Path file) {
    return RowFile.read(file, DecodeFields.class, DecodeFields::row);
  }
}
