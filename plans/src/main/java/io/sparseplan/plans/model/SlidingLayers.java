package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers of a model in which a query sees only the last keys, its own among them.
 *
 * @param layers ascending, each once
 */
public record SlidingLayers(@JsonProperty("windowTokens") Tokens window, List<LayerIndex> layers) {
  public SlidingLayers {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "The sliding window (%s tokens) is of no layer.".formatted(window));
    }
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i).value() <= layers.get(i - 1).value()) {
        throw new IllegalArgumentException(
            "The layers %s of the sliding window (%s tokens) must ascend."
                .formatted(layers, window));
      }
    }
    reach(window);
  }

  /** Of layers that see so far back; none where all see every key. */
  public static List<SlidingLayers> of(List<AttentionReach> reachOfLayer) {
    Map<Tokens, List<LayerIndex>> layersOfWindow = new LinkedHashMap<>();
    for (int layer = 0; layer < reachOfLayer.size(); layer++) {
      switch (reachOfLayer.get(layer)) {
        case AttentionReach.Everything everything -> {}
        case AttentionReach.SlidingWindow(Tokens window) ->
            layersOfWindow
                .computeIfAbsent(window, key -> new ArrayList<>())
                .add(new LayerIndex(layer));
      }
    }
    return layersOfWindow.entrySet().stream()
        .map(entry -> new SlidingLayers(entry.getKey(), entry.getValue()))
        .toList();
  }

  AttentionReach reach() {
    return reach(window);
  }

  private static AttentionReach reach(Tokens window) {
    return new AttentionReach.SlidingWindow(window);
  }
}
