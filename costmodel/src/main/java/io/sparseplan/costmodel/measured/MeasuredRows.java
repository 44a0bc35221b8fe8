package io.sparseplan.costmodel.measured;

import io.sparseplan.plans.BadInputException;
import java.nio.file.Path;
import java.util.List;

/** Reads files of launches, which may or may not have been measured. */
public final class MeasuredRows {
  private MeasuredRows() {}

  /**
   * Measurements: every row with its times and how they were taken.
   *
   * @param file {@code .jsonl}, {@code .csv}, or {@code .gz} of either
   * @throws BadInputException if the file is missing, or a line is no measurement; it says which
   *     line and, where it can, which field
   */
  public static List<MeasuredRow> read(Path file) {
    return RowFile.read(file, RowFields.class, RowFields::measuredRow);
  }

  /**
   * Launches, with or without times.
   *
   * @param file as above
   * @throws BadInputException if the file is missing, or a line is no launch
   */
  public static List<LaunchRow> launches(Path file) {
    return RowFile.read(file, RowFields.class, RowFields::launchRow);
  }
}
