package io.sparseplan.report.source;

import io.sparseplan.costmodel.rows.RowPrice;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Launches that were priced and measured, as {@code price --rows --format json} writes them.
 *
 * @param rows that carry a measured time, in the order of the file; at least one
 */
public record Validation(List<RowPrice> rows) {
  /** What a row has only where it is known. */
  private static final List<String> OPTIONAL =
      List.of("measured_ms", "sdpa_predicted_ms", "sdpa_measured_ms");

  public Validation {
    rows = rows.stream().filter(row -> row.measuredMillis().isPresent()).toList();
    if (rows.isEmpty()) {
      throw new BadInputException(
          "No row of the validation has a measured time.",
          "price rows that have median_ms: price --rows ROWS --format json.");
    }
  }

  /**
   * @throws BadInputException if the file is missing, holds no priced rows, or none was measured
   */
  public static Validation read(Path file) {
    var rows = new ArrayList<RowPrice>();
    for (JsonNode row : JsonFile.read(file, JsonNode[].class, "validation")) {
      if (!(row instanceof ObjectNode fields)) {
        throw new BadInputException(
            "The validation (%s) has a row that is no object: %s.".formatted(file, row),
            "it is of another kind.");
      }
      OPTIONAL.stream().filter(name -> !fields.has(name)).forEach(fields::putNull);
      try {
        rows.add(JsonFile.mapper().treeToValue(fields, RowPrice.class));
      } catch (JacksonException e) {
        throw JsonFile.refuse(file, "validation", e);
      }
    }
    return new Validation(rows);
  }

  /** |predicted − measured| ÷ measured of each row. */
  public double[] absoluteErrors() {
    return rows.stream().mapToDouble(row -> Math.abs(relativeError(row))).toArray();
  }

  /** (predicted − measured) ÷ measured. */
  public static double relativeError(RowPrice row) {
    return row.predictedMillis() / row.measuredMillis().orElseThrow() - 1;
  }
}
