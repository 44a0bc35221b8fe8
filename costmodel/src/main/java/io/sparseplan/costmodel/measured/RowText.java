package io.sparseplan.costmodel.measured;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The text of a rows file, gzipped or not, and what is said when it cannot be read. */
public final class RowText {
  /** Makes rows of a text. */
  @FunctionalInterface
  public interface Reading<T> {
    /**
     * @param rows takes each row
     */
    void read(BufferedReader text, Consumer<T> rows) throws IOException;
  }

  /** Takes a line that is not blank. */
  @FunctionalInterface
  public interface Line {
    /**
     * @param number from 1
     */
    void take(String line, int number);
  }

  private RowText() {}

  /**
   * @param file {@code .gz} of a text, or the text
   * @throws BadInputException if the file is missing, cannot be read, or has no rows
   */
  public static <T> List<T> read(Path file, Reading<T> reading) {
    var rows = new ArrayList<T>();
    try (BufferedReader text = TextFile.open(file)) {
      reading.read(text, rows::add);
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

  /**
   * The first line that is not blank.
   *
   * @throws BadInputException as {@link #read}
   */
  public static String firstLine(Path file) {
    return RowText.<String>read(
            file,
            (text, rows) -> {
              for (var line = TextFile.line(text); line.isPresent(); line = TextFile.line(text)) {
                if (!line.get().isBlank()) {
                  rows.accept(line.get());
                  return;
                }
              }
            })
        .getFirst();
  }

  /** Every line that is not blank. */
  public static void forEachLine(BufferedReader text, Line each) throws IOException {
    int number = 0;
    for (var line = TextFile.line(text); line.isPresent(); line = TextFile.line(text)) {
      number++;
      if (!line.get().isBlank()) {
        each.take(line.get(), number);
      }
    }
  }

  private static BadInputException unreadable(Path file, IOException e) {
    return new BadInputException(
        "The rows (%s) cannot be read: %s.".formatted(file, e.getMessage()),
        "the file was cut short, is no UTF-8 text, or is named .gz without being gzipped.",
        e);
  }
}
