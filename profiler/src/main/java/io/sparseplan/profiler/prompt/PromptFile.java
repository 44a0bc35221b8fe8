package io.sparseplan.profiler.prompt;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.TextFile;
import io.sparseplan.plans.model.ModelGeometry;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Prompts as JSON lines: {@code ids} or {@code text}, optional {@code answers} as token spans
 * {@code [start, end)}, optional {@code length} that must then be the number of ids. Other fields
 * are ignored; where a line has both, {@code ids} are the truth. The file may be packed ({@code
 * .jsonl.gz}).
 */
public final class PromptFile {
  private final Path file;
  private final Path modelDirectory;
  private final ModelGeometry model;

  private PromptFile(Path file, Path modelDirectory, ModelGeometry model) {
    this.file = file;
    this.modelDirectory = modelDirectory;
    this.model = model;
  }

  /**
   * Reads every prompt.
   *
   * @param modelDirectory holds the tokenizer, which is opened only for a line that gives text
   * @throws BadInputException naming the line, if one is malformed, has a token id that is not in
   *     the vocabulary, or an answer outside of it; if there is no prompt
   */
  public static List<Prompt> read(Path file, Path modelDirectory, ModelGeometry model) {
    return new PromptFile(file, modelDirectory, model).prompts();
  }

  private List<Prompt> prompts() {
    var prompts = new ArrayList<Prompt>();
    Tokenizer[] opened = new Tokenizer[1];
    try (var lines = TextFile.open(file)) {
      int number = 0;
      for (var line = TextFile.line(lines); line.isPresent(); line = TextFile.line(lines)) {
        number++;
        if (!line.get().isBlank()) {
          prompts.add(prompt(number, line.get(), opened));
        }
      }
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The prompt file (%s) does not exist.".formatted(file), "name one with --prompts.", e);
    } catch (IOException e) {
      throw new BadInputException(
          "The prompt file (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "check that it is a UTF-8 text file, or one packed as .gz, that you may read.",
          e);
    } finally {
      if (opened[0] != null) {
        opened[0].close();
      }
    }
    if (prompts.isEmpty()) {
      throw new BadInputException(
          "The prompt file (%s) has no prompt.".formatted(file), "name another with --prompts.");
    }
    return prompts;
  }

  private Prompt prompt(int number, String line, Tokenizer[] opened) {
    JsonNode node;
    try {
      node = JsonFile.mapper().readTree(line);
    } catch (JacksonException e) {
      throw refuse(number, "is not JSON: " + e.getOriginalMessage());
    }
    int[] ids = ids(number, node, opened);
    JsonNode length = node.path("length");
    if (!length.isMissingNode() && length.asInt(-1) != ids.length) {
      throw refuse(number, "has %d ids and says length %s".formatted(ids.length, length));
    }
    try {
      return new Prompt(number, ids, answers(number, node.path("answers")));
    } catch (IllegalArgumentException e) {
      throw refuse(number, "is not valid: " + e.getMessage());
    }
  }

  private int[] ids(int number, JsonNode node, Tokenizer[] opened) {
    JsonNode ids = node.path("ids");
    JsonNode text = node.path("text");
    int[] tokens;
    if (ids.isArray()) {
      tokens = new int[ids.size()];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = integer(number, "id", ids.get(i));
      }
    } else if (text.isString()) {
      if (opened[0] == null) {
        opened[0] = Tokenizer.open(modelDirectory);
      }
      tokens = opened[0].encode(text.asString());
    } else {
      throw refuse(number, "has neither ids nor text");
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= model.vocabularySize()) {
        throw refuse(
            number,
            "has the token id %d at position %d; the vocabulary has %d"
                .formatted(tokens[i], i, model.vocabularySize()));
      }
    }
    return tokens;
  }

  private List<AnswerSpan> answers(int number, JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw refuse(number, "has answers %s that are no list of [start, end)".formatted(node));
    }
    var spans = new ArrayList<AnswerSpan>();
    for (JsonNode span : node) {
      if (!span.isArray() || span.size() != 2) {
        throw refuse(number, "has an answer %s that is not [start, end)".formatted(span));
      }
      spans.add(
          new AnswerSpan(
              integer(number, "answer start", span.get(0)),
              integer(number, "answer end", span.get(1))));
    }
    return spans;
  }

  private int integer(int number, String what, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw refuse(number, "has the %s %s, which is no integer".formatted(what, node));
    }
    return node.intValue();
  }

  private BadInputException refuse(int number, String why) {
    return new BadInputException(
        "Line %d of the prompt file (%s) %s.".formatted(number, file, why),
        "it was made for another model, or is damaged.");
  }
}
