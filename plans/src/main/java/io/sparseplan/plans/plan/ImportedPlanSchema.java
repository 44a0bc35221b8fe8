package io.sparseplan.plans.plan;

import io.sparseplan.plans.file.JsonFile;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The published JSON Schema (draft 2020-12) of an imported plan. It is made from {@link
 * PlanSchema}, whose parts it has, so that the two cannot disagree on what a model, a layout or a
 * pattern is.
 */
public final class ImportedPlanSchema {
  private static final List<String> PROPERTIES =
      List.of("schemaVersion", "tool", "imported", "model", "layout", "warnings", "heads", "run");

  /** What a searched plan says of a head, and a peer's file does not. */
  private static final Set<String> PREDICTED = Set.of("loss", "timeShare");

  /** What the properties that are left refer to. */
  private static final List<String> DEFINITIONS = List.of("pattern", "extents", "axisWindow");

  private static final String IMPORTED =
      """
      {
        "type": "object",
        "properties": {
          "format": {
            "type": "string",
            "description": "The name of the format, as import --from has it."
          },
          "parts": {
            "type": "array",
            "minItems": 1,
            "description": "The files, the main one first.",
            "items": {
              "type": "object",
              "properties": {
                "name": {"type": "string"},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "text": {
                  "type": "string",
                  "description": "The whole file where it says what no pattern holds, else empty."
                }
              },
              "required": ["name", "sha256", "text"],
              "additionalProperties": false
            }
          }
        },
        "required": ["format", "parts"],
        "additionalProperties": false
      }
      """;

  private ImportedPlanSchema() {}

  /** The schema's text. */
  public static String text() {
    ObjectNode plan = (ObjectNode) JsonFile.mapper().readTree(PlanSchema.text());
    ObjectNode of = (ObjectNode) plan.get("properties");
    of.set("imported", JsonFile.mapper().readTree(IMPORTED));
    withoutPrediction((ObjectNode) of.at("/heads/items"));
    ObjectNode schema = JsonFile.mapper().createObjectNode();
    schema.set("$schema", plan.get("$schema"));
    schema.put("$id", "urn:sparseplan:schema:imported-plan:1");
    schema.put("title", "Sparseplan imported plan, schema version 1");
    schema.put(
        "description",
        "Which attention pattern each head of a model runs, as the file of a peer says.");
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (String name : PROPERTIES) {
      properties.set(name, of.get(name));
      required.add(name);
    }
    schema.put("additionalProperties", false);
    ObjectNode definitions = schema.putObject("$defs");
    DEFINITIONS.forEach(name -> definitions.set(name, plan.at("/$defs/" + name)));
    return JsonFile.pretty(schema) + "\n";
  }

  private static void withoutPrediction(ObjectNode head) {
    PREDICTED.forEach(((ObjectNode) head.get("properties"))::remove);
    ArrayNode kept = JsonFile.mapper().createArrayNode();
    head.get("required")
        .forEach(
            name -> {
              if (!PREDICTED.contains(name.asString())) {
                kept.add(name);
              }
            });
    head.set("required", kept);
  }
}
