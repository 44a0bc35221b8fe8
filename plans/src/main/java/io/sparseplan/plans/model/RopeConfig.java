package io.sparseplan.plans.model;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;

/**
 * Rotary positions from {@code rope_parameters} (transformers 5) or {@code rope_theta} and {@code
 * rope_scaling} (4).
 */
final class RopeConfig {
  private RopeConfig() {}

  static Rope read(ConfigFields config, Architecture architecture) {
    boolean four = config.has("rope_scaling");
    if (four
        && config.has("rope_parameters")
        && !config.at("rope_scaling").equals(config.at("rope_parameters"))) {
      throw new BadInputException(
          "The model config (%s) has both rope_scaling (%s) and rope_parameters (%s)."
              .formatted(config.file(), config.at("rope_scaling"), config.at("rope_parameters")),
          "remove the one that is not meant.");
    }
    ConfigFields parameters = config.object(four ? "rope_scaling" : "rope_parameters");
    double theta =
        parameters.has("rope_theta")
            ? parameters.number("rope_theta")
            : config.number("rope_theta", 10_000);
    return new Rope(
        theta, rotaryFraction(config, parameters, architecture), scaling(config, parameters));
  }

  private static double rotaryFraction(
      ConfigFields config, ConfigFields parameters, Architecture architecture) {
    double fraction =
        parameters.number("partial_rotary_factor", config.number("partial_rotary_factor", 1));
    if (fraction != 1 && architecture != Architecture.PHI3) {
      throw new BadInputException(
          "The partial_rotary_factor (%s) of the model config (%s) is not supported for %s; 1 is."
              .formatted(fraction, config.file(), architecture.className()),
          "choose a model whose heads rotate whole.");
    }
    return fraction;
  }

  private static RopeScaling scaling(ConfigFields config, ConfigFields parameters) {
    String type = parameters.at("rope_type").asString(parameters.at("type").asString("default"));
    return switch (type) {
      case "default" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.Linear(parameters.number("factor"));
      case "llama3" ->
          new RopeScaling.Llama3(
              parameters.number("factor"),
              parameters.number("low_freq_factor"),
              parameters.number("high_freq_factor"),
              Tokens.of(parameters.integer("original_max_position_embeddings")));
      case "longrope", "su", "dynamic" ->
          throw refuse(config, type, "its frequencies depend on the length of the prompt");
      default -> throw refuse(config, type, "default, linear and llama3 are implemented");
    };
  }

  private static BadInputException refuse(ConfigFields config, String type, String why) {
    return new BadInputException(
        "The rope_type (%s) of the model config (%s) is not supported: %s."
            .formatted(type, config.file(), why),
        "choose the variant of the model with the shorter context.");
  }
}
