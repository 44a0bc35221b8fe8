package io.sparseplan.costmodel.measured;

import tools.jackson.databind.JsonNode;

/** Takes the fields of one line after another. */
@FunctionalInterface
interface RowSink {
  void accept(JsonNode fields, int line);
}
