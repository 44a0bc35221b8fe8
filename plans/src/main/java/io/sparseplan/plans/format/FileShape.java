package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Optional;

/**
 * What a file tells of its model.
 *
 * @param layers empty where the file is for any number of them
 * @param heads that the file decides for in each layer; empty where all of a layer are alike
 */
public record FileShape(Optional<LayerCount> layers, Optional<QueryHeads> heads) {
  /** Far more than any model has; a file that claims more shall not be given memory for them. */
  private static final int MOST_HEADS = 1 << 20;

  /**
   * @throws BadInputException if there is no layer or no head, or are more than any model has
   */
  static FileShape of(int layers, int heads) {
    require(layers, heads);
    return new FileShape(Optional.of(new LayerCount(layers)), Optional.of(new QueryHeads(heads)));
  }

  /**
   * @throws BadInputException as {@link #of}
   */
  static FileShape ofLayers(int layers) {
    require(layers, 1);
    return new FileShape(Optional.of(new LayerCount(layers)), Optional.empty());
  }

  private static void require(int layers, int heads) {
    if (layers < 1
        || layers > LayerCount.MOST
        || heads < 1
        || heads > QueryHeads.MOST
        || layers * heads > MOST_HEADS) {
      throw new BadInputException(
          "The file is for %d layers of %d heads; there must be 1 to %d of 1 to %d, and %d heads in all at most."
              .formatted(layers, heads, LayerCount.MOST, QueryHeads.MOST, MOST_HEADS),
          "it is damaged, or of another kind.");
    }
  }

  static FileShape any() {
    return new FileShape(Optional.empty(), Optional.empty());
  }
}
