package io.sparseplan.search.problem;

import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Arrays;

/** The heads that a plan decides for; a head's place is its number in layer-major order. */
public record ModelHeads(LayerCount layerCount, QueryHeads headsOfLayer) {
  public static ModelHeads of(ModelIdentity model) {
    return new ModelHeads(model.layers(), model.attention().queryHeads());
  }

  public int layers() {
    return layerCount.count();
  }

  /** Heads in one layer. */
  public int inLayer() {
    return headsOfLayer.count();
  }

  /** Heads in all layers. */
  public int count() {
    return layers() * inLayer();
  }

  public int layerOf(int place) {
    return place / inLayer();
  }

  /** The part of a choice for all heads that is about one layer. */
  public int[] ofLayer(int[] candidateOfHead, int layer) {
    return Arrays.copyOfRange(candidateOfHead, layer * inLayer(), (layer + 1) * inLayer());
  }
}
