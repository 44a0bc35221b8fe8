package io.sparseplan.costmodel.decode;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;

/** Reads measurements of the split-KV kernel: a row as a JSON object on each line. */
public final class SplitKvRows {
  private SplitKvRows() {}

  /**
   * @param file {@code .jsonl}, or {@code .gz} of that
   * @throws BadInputException if the file is missing, or a line is no row; it says which line
   */
  public static List<SplitKvRow> read(Path file) {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      var rows = new ArrayList<SplitKvRow>();
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          rows.add(row(line, number, file));
        }
      }
      if (rows.isEmpty()) {
        throw new BadInputException(
            "The measurements (%s) have no rows.".formatted(file), "it is another file.");
      }
      return List.copyOf(rows);
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The measurements (%s) do not exist.".formatted(file), "check the path.", e);
    } catch (IOException e) {
      throw new BadInputException(
          "The measurements (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "the file was cut short, or is named .gz without being gzipped.",
          e);
    }
  }

  private static SplitKvRow row(String line, int number, Path file) {
    try {
      return JsonFile.mapper().readValue(line, SplitKvRow.class);
    } catch (JacksonException e) {
      throw JsonFile.refuse(file, "row in line " + number + " of the measurements", e);
    }
  }
}
