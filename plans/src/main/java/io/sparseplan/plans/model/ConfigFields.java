package io.sparseplan.plans.model;

import io.sparseplan.plans.BadInputException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** Typed reading of one JSON object of {@code config.json}, with errors that name the field. */
final class ConfigFields {
  private final Path file;
  private final JsonNode object;

  ConfigFields(Path file, JsonNode object) {
    this.file = file;
    this.object = object;
  }

  Path file() {
    return file;
  }

  /** The field's value, or a missing node. */
  JsonNode at(String field) {
    return object.path(field);
  }

  /** Whether the field is there and not null. */
  boolean has(String field) {
    return !object.path(field).isMissingNode() && !object.path(field).isNull();
  }

  ConfigFields object(String field) {
    return new ConfigFields(file, object.path(field));
  }

  /** A positive integer. */
  int integer(String field) {
    JsonNode node = object.path(field);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw refuse(field, node, "positive integer");
    }
    return node.intValue();
  }

  int integer(String field, int whenAbsent) {
    return has(field) ? integer(field) : whenAbsent;
  }

  double number(String field) {
    JsonNode node = object.path(field);
    if (!node.isNumber()) {
      throw refuse(field, node, "number");
    }
    return node.doubleValue();
  }

  double number(String field, double whenAbsent) {
    return has(field) ? number(field) : whenAbsent;
  }

  boolean flag(String field) {
    JsonNode node = object.path(field);
    if (has(field) && !node.isBoolean()) {
      throw refuse(field, node, "boolean");
    }
    return node.asBoolean(false);
  }

  private BadInputException refuse(String field, JsonNode node, String expected) {
    return new BadInputException(
        "The %s (%s) of the model config (%s) is not a %s."
            .formatted(field, node.isMissingNode() ? "missing" : node, file, expected),
        "download config.json again.");
  }
}
