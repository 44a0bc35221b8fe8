package io.sparseplan.plans.model;

/** One query head of the model, written {@code L3.H5}. */
public record HeadId(LayerIndex layer, HeadIndex head) {
  /** The head at a place in layer-major order. */
  public static HeadId atPlace(int place, QueryHeads queryHeads) {
    return new HeadId(
        new LayerIndex(place / queryHeads.count()), new HeadIndex(place % queryHeads.count()));
  }

  /** The place in layer-major order. */
  public int place(QueryHeads queryHeads) {
    return layer.value() * queryHeads.count() + head.value();
  }

  @Override
  public String toString() {
    return "L%d.H%d".formatted(layer.value(), head.value());
  }
}
