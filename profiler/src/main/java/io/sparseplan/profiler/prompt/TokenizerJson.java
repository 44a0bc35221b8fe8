package io.sparseplan.profiler.prompt;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * Refuses a {@code tokenizer.json} that the native library would not. Its reader panics on JSON
 * that it cannot read, and a panic there ends the whole process.
 */
final class TokenizerJson {
  /** The library's reader gives up at 128. */
  private static final int MOST_DEPTH = 100;

  private final Path file;

  private TokenizerJson(Path file) {
    this.file = file;
  }

  /**
   * @throws BadInputException if the file is missing, is no JSON object, or holds what the library
   *     cannot read
   */
  static void requireReadable(Path file) {
    JsonNode top = JsonFile.read(file, JsonNode.class, "tokenizer");
    var json = new TokenizerJson(file);
    if (!top.isObject()) {
      throw json.refuse("it is no object");
    }
    json.require(top, 1);
  }

  private void require(JsonNode node, int depth) {
    if (depth > MOST_DEPTH) {
      throw refuse("it is nested more than %d deep".formatted(MOST_DEPTH));
    }
    if (node.isObject()) {
      for (var property : node.properties()) {
        requireText(property.getKey());
        require(property.getValue(), depth + 1);
      }
    } else if (node.isArray()) {
      for (JsonNode element : node) {
        require(element, depth + 1);
      }
    } else if (node.isString()) {
      requireText(node.stringValue());
    } else if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
      throw refuse("the number %s is too large".formatted(node));
    }
  }

  /** Half a surrogate pair is no character, and has no UTF-8. */
  private void requireText(String text) {
    if (text.codePoints().anyMatch(code -> code >= 0xd800 && code <= 0xdfff)) {
      throw refuse("it holds half a surrogate pair");
    }
  }

  private BadInputException refuse(String why) {
    return new BadInputException(
        "The tokenizer (%s) is not valid: %s.".formatted(file, why),
        "it is damaged: download it again.");
  }
}
