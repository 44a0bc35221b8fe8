package io.sparseplan.profiler.prompt;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A Hugging Face {@code tokenizer.json}, read and run without a network. */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;

  private Tokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * @throws BadInputException if the directory has no tokenizer that can be read
   */
  public static Tokenizer open(Path modelDirectory) {
    Path file = modelDirectory.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(
          "The directory (%s) has no tokenizer.json, and a prompt gives text."
              .formatted(modelDirectory),
          "give prompts as ids, or add the tokenizer.");
    }
    TokenizerJson.requireReadable(file);
    // Without this the library asks a cloud's metadata address at start.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optTruncation(false)
              .optPadding(false)
              .build());
    } catch (IOException | RuntimeException e) {
      throw new BadInputException(
          "The tokenizer (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "it is damaged, or newer than this program's tokenizer library.",
          e);
    }
  }

  /** The ids of a text, with the special tokens that the tokenizer adds by itself. */
  public int[] encode(String text) {
    return Arrays.stream(tokenizer.encode(text).getIds()).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
