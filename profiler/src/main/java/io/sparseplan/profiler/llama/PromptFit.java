package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.ModelGeometry;

/** Whether a model can run a prompt. */
public final class PromptFit {
  private PromptFit() {}

  /**
   * @throws BadInputException if an id is not in the vocabulary, or the prompt exceeds the context
   */
  public static void require(ModelGeometry geometry, int[] ids, TileGrid grid) {
    if (grid.length().count() != ids.length) {
      throw new IllegalArgumentException(
          "The grid is of %s tokens; the prompt has %d.".formatted(grid.length(), ids.length));
    }
    if (ids.length > geometry.context().count()) {
      throw new BadInputException(
          "The prompt has %d tokens; the model's context is %s."
              .formatted(ids.length, geometry.context()),
          "leave out longer prompts with --lengths.");
    }
    for (int token = 0; token < ids.length; token++) {
      if (ids[token] < 0 || ids[token] >= geometry.vocabularySize()) {
        throw new BadInputException(
            "The token id (%d) at position %d is not in the vocabulary of %d."
                .formatted(ids[token], token, geometry.vocabularySize()),
            "the prompts were made with another tokenizer.");
      }
    }
  }
}
