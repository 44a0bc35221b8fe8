package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One value of a peer's JSON file and its place there, for errors that name the field. Nothing has
 * a default: what is asked for must be there and be what it should.
 */
final class JsonField {
  private final String file;
  private final String place;
  private final JsonNode node;

  private JsonField(String file, String place, JsonNode node) {
    this.file = file;
    this.place = place;
    this.node = node;
  }

  /**
   * The whole of a text.
   *
   * @throws BadInputException if it is empty, no JSON, or says a property twice
   */
  static JsonField parse(String file, byte[] text) {
    try {
      JsonNode root = JsonFile.mapper().readTree(new String(text, StandardCharsets.UTF_8));
      var whole = new JsonField(file, "", root);
      if (root.isMissingNode()) {
        throw whole.refuse("is empty");
      }
      return whole;
    } catch (JacksonException e) {
      throw JsonFile.refuse(Path.of(file), "file", e);
    }
  }

  JsonNode node() {
    return node;
  }

  String place() {
    return place.isEmpty() ? "the whole" : place;
  }

  JsonField at(String key) {
    return new JsonField(file, place.isEmpty() ? key : place + "." + key, node.path(key));
  }

  boolean has(String key) {
    return node.has(key) && !node.get(key).isNull();
  }

  /** The elements of an array. */
  List<JsonField> elements() {
    if (!node.isArray()) {
      throw refuse("is not an array");
    }
    return IntStream.range(0, node.size())
        .mapToObj(at -> new JsonField(file, "%s[%d]".formatted(place, at), node.get(at)))
        .toList();
  }

  /** The elements of an array of one for each of so many things. */
  List<JsonField> elements(int count, String things) {
    List<JsonField> elements = elements();
    if (elements.size() != count) {
      throw refuse("has %d entries; there are %d %s".formatted(elements.size(), count, things));
    }
    return elements;
  }

  /** The node of an object itself, to be changed. */
  ObjectNode object() {
    if (!(node instanceof ObjectNode object)) {
      throw refuse("is not an object");
    }
    return object;
  }

  /** The properties of an object, in their order. */
  List<Map.Entry<String, JsonField>> properties() {
    var properties = new ArrayList<Map.Entry<String, JsonField>>();
    object()
        .properties()
        .forEach(entry -> properties.add(Map.entry(entry.getKey(), at(entry.getKey()))));
    return properties;
  }

  /**
   * The properties of an object whose keys are the numbers below a count, all of them, in the order
   * of the numbers.
   */
  List<JsonField> numbered(int count, String things) {
    var fields = new JsonField[count];
    for (Map.Entry<String, JsonField> property : properties()) {
      fields[property.getValue().index(property.getKey(), count, things)] = property.getValue();
    }
    for (int number = 0; number < count; number++) {
      if (fields[number] == null) {
        throw refuse("lacks the key \"%d\"; there are %d %s".formatted(number, count, things));
      }
    }
    return List.of(fields);
  }

  /** A key that is a number below a count, without signs or leading zeros. */
  int index(String key, int count, String things) {
    int number = key.matches("0|[1-9][0-9]{0,8}") ? Integer.parseInt(key) : -1;
    if (number < 0 || number >= count) {
      throw refuse(
          "has the key \"%s\", which is none of the %d %s (0 to %d)"
              .formatted(key, count, things, count - 1));
    }
    return number;
  }

  /** Refuses properties that nobody has heard of. */
  void requireOnly(Set<String> known) {
    for (Map.Entry<String, JsonField> property : properties()) {
      if (!known.contains(property.getKey())) {
        throw property.getValue().refuse("is not known; " + known + " are");
      }
    }
  }

  /** An integer in a range. */
  int integer(int least, int most) {
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      throw refuse("is not an integer in %d..%d".formatted(least, most));
    }
    return node.intValue();
  }

  /** A finite number. */
  double number() {
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw refuse("is not a finite number");
    }
    return node.doubleValue();
  }

  double number(double least, double most) {
    double number = number();
    if (!(number >= least && number <= most)) {
      throw refuse("is not in %s..%s".formatted(least, most));
    }
    return number;
  }

  String text() {
    if (!node.isString()) {
      throw refuse("is not a string");
    }
    return node.asString();
  }

  boolean flag() {
    if (!node.isBoolean()) {
      throw refuse("is not true or false");
    }
    return node.booleanValue();
  }

  /** The error for this value. */
  BadInputException refuse(String problem) {
    String value = node.isMissingNode() ? "missing" : node.toString();
    String shown = value.length() > 60 ? value.substring(0, 57) + "..." : value;
    return new BadInputException(
        "The field %s (%s) of the file (%s) %s."
            .formatted(place.isEmpty() ? "at the top" : place, shown, file, problem),
        "the file is for another model, of another format, or damaged.");
  }
}
