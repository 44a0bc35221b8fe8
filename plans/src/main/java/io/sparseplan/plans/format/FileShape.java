package io.sparseplan.plans.format;

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
  static FileShape of(int layers, int heads) {
    return new FileShape(Optional.of(new LayerCount(layers)), Optional.of(new QueryHeads(heads)));
  }

  static FileShape ofLayers(int layers) {
    return new FileShape(Optional.of(new LayerCount(layers)), Optional.empty());
  }

  static FileShape any() {
    return new FileShape(Optional.empty(), Optional.empty());
  }
}
