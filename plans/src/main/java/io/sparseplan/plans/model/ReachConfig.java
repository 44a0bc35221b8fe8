package io.sparseplan.plans.model;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** How far back each layer sees, by each architecture's own rule. */
final class ReachConfig {
  private static final AttentionReach EVERYTHING = new AttentionReach.Everything();

  private ReachConfig() {}

  static List<AttentionReach> read(
      ConfigFields config, Architecture architecture, LayerCount layers) {
    return switch (architecture) {
      case LLAMA -> same(EVERYTHING, config, layers);
      case MISTRAL -> {
        // Absent is the first Mistral's window; null is none.
        boolean absent = config.at("sliding_window").isMissingNode();
        yield same(absent ? window(Tokens.of(4096)) : windowOrAll(config), config, layers);
      }
      case PHI3 -> same(windowOrAll(config), config, layers);
      case QWEN2, QWEN3 -> byLayer(config, layers);
    };
  }

  private static AttentionReach windowOrAll(ConfigFields config) {
    return config.has("sliding_window") ? configuredWindow(config) : EVERYTHING;
  }

  private static AttentionReach configuredWindow(ConfigFields config) {
    return window(Tokens.of(config.integer("sliding_window")));
  }

  private static AttentionReach window(Tokens tokens) {
    return new AttentionReach.SlidingWindow(tokens);
  }

  private static List<AttentionReach> same(
      AttentionReach reach, ConfigFields config, LayerCount layers) {
    if (config.has("layer_types")) {
      throw refuseLayerTypes(config, "this architecture has the same attention in every layer");
    }
    return Collections.nCopies(layers.count(), reach);
  }

  /** {@code layer_types}, or by the older rule the layers from {@code max_window_layers} on. */
  private static List<AttentionReach> byLayer(ConfigFields config, LayerCount layers) {
    boolean sliding = config.flag("use_sliding_window");
    var reach = new ArrayList<AttentionReach>();
    if (config.has("layer_types")) {
      for (JsonNode type : config.at("layer_types")) {
        reach.add(
            switch (type.asString("")) {
              case "full_attention" -> EVERYTHING;
              case "sliding_attention" -> {
                if (!sliding) {
                  throw refuseLayerTypes(config, "use_sliding_window is not true");
                }
                yield configuredWindow(config);
              }
              default ->
                  throw refuseLayerTypes(config, "full_attention and sliding_attention are known");
            });
      }
      return reach;
    }
    if (!sliding) {
      return Collections.nCopies(layers.count(), EVERYTHING);
    }
    int full = config.at("max_window_layers").asInt(28);
    for (int layer = 0; layer < layers.count(); layer++) {
      reach.add(layer < full ? EVERYTHING : configuredWindow(config));
    }
    return reach;
  }

  private static BadInputException refuseLayerTypes(ConfigFields config, String why) {
    return new BadInputException(
        "The layer_types (%s) of the model config (%s) cannot be followed: %s."
            .formatted(config.at("layer_types"), config.file(), why),
        "the model needs code of its own, which this program does not run.");
  }
}
