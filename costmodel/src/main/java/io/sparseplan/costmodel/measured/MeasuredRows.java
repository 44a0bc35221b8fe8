package io.sparseplan.costmodel.measured;

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
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads measurements files: one row as a JSON object on each line, plain or gzipped. */
public final class MeasuredRows {
  /** Strict, but {@code sdpa_median_ms} may be missing. */
  private static final JsonMapper MAPPER =
      JsonFile.mapper()
          .rebuild()
          .disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private MeasuredRows() {}

  /**
   * @param file {@code .jsonl}, or {@code .gz} of that
   * @throws BadInputException if the file is missing, or a line is no row; it says which line
   */
  public static List<MeasuredRow> read(Path file) {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      return read(in, file);
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

  private static List<MeasuredRow> read(InputStream in, Path file) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    var rows = new ArrayList<MeasuredRow>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        rows.add(MAPPER.readValue(line, MeasuredRow.class));
      } catch (JacksonException e) {
        throw JsonFile.refuse(file, "row in line " + number + " of the measurements", e);
      }
    }
    if (rows.isEmpty()) {
      throw new BadInputException(
          "The measurements (%s) have no rows.".formatted(file), "it is another file.");
    }
    return List.copyOf(rows);
  }
}
