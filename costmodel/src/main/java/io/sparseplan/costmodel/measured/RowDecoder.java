package io.sparseplan.costmodel.measured;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.nio.file.Path;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Turns the text of a line into a row, and says where in the file it is wrong. */
final class RowDecoder {
  /**
   * As strict as files are, but for fields that a row may lack; the record of the fields says
   * which.
   */
  private static final JsonMapper MAPPER =
      JsonFile.mapper()
          .rebuild()
          .disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private final Path file;

  RowDecoder(Path file) {
    this.file = file;
  }

  /** The JSON value that is a whole line. */
  JsonNode json(String text, int line) {
    try {
      return MAPPER.readValue(text, JsonNode.class);
    } catch (JacksonException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw refuse(line, " at column " + column, reason(e));
    }
  }

  /** The JSON value that is a cell of a CSV line. */
  JsonNode json(String cell, int line, String column) {
    try {
      return MAPPER.readValue(cell, JsonNode.class);
    } catch (JacksonException e) {
      throw refuse(line, " in column " + column, reason(e));
    }
  }

  /** The row of the fields of a line. */
  <F, T> T row(JsonNode fields, int line, Class<F> fieldsOfRow, RowFile.RowOf<F, T> row) {
    if (!fields.isObject()) {
      throw refuse(line, "", "it is no JSON object");
    }
    F read;
    try {
      read = MAPPER.treeToValue(fields, fieldsOfRow);
    } catch (JacksonException e) {
      String field = field(e);
      throw refuse(line, field.isEmpty() ? "" : " in field " + field, reason(e));
    }
    try {
      return row.make(read, line);
    } catch (IllegalArgumentException e) {
      throw refuse(line, "", e.getMessage());
    }
  }

  BadInputException refuse(int line, String where, String reason) {
    return new BadInputException(
        "The row in line %d of %s is not valid%s: %s".formatted(line, file, where, reason),
        "it was cut short, edited by hand, or measured by another program.");
  }

  /** Our own words where a record refused its value, else the first line of Jackson's. */
  private static String reason(JacksonException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalArgumentException) {
        return cause.getMessage();
      }
    }
    return e.getOriginalMessage().lines().findFirst().orElse("unreadable");
  }

  private static String field(JacksonException e) {
    return e instanceof DatabindException mapping
        ? mapping.getPath().stream()
            .map(
                step ->
                    step.getPropertyName() == null
                        ? "[" + step.getIndex() + "]"
                        : step.getPropertyName())
            .collect(Collectors.joining("."))
        : "";
  }
}
