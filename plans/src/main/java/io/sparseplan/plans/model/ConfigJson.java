package io.sparseplan.plans.model;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * Reads Hugging Face's {@code config.json}. Whatever would change the arithmetic and is not
 * supported is refused by name: a model that is run wrongly is worse than one that is not run.
 */
public final class ConfigJson {
  private final ConfigFields config;

  private ConfigJson(ConfigFields config) {
    this.config = config;
  }

  /**
   * @throws BadInputException if the file is missing, is no JSON, or describes a model that this
   *     program does not run
   */
  public static ModelGeometry read(Path file) {
    JsonNode root = JsonFile.read(file, JsonNode.class, "model config");
    if (!root.isObject()) {
      throw new BadInputException(
          "The model config (%s) is not a JSON object.".formatted(file),
          "give a Hugging Face model directory.");
    }
    return new ConfigJson(new ConfigFields(file, root)).geometry();
  }

  private ModelGeometry geometry() {
    RefusedModel.refuse(config);
    Architecture architecture = architecture();
    refuseUnless("hidden_act", config.at("hidden_act").asString("silu"), "silu");
    try {
      int hiddenSize = config.integer("hidden_size");
      var queryHeads = new QueryHeads(config.integer("num_attention_heads"));
      var layers = new LayerCount(config.integer("num_hidden_layers"));
      return new ModelGeometry(
          architecture,
          layers,
          new AttentionShape(
              queryHeads,
              kvHeads(architecture, queryHeads),
              headDim(architecture, hiddenSize, queryHeads)),
          hiddenSize,
          RopeConfig.read(config, architecture),
          ReachConfig.read(config, architecture, layers),
          biases(architecture),
          config.integer("intermediate_size"),
          config.number("rms_norm_eps"),
          config.integer("vocab_size"),
          config.flag("tie_word_embeddings"),
          Tokens.of(config.integer("max_position_embeddings")));
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "The model config (%s) contradicts itself: %s".formatted(config.file(), e.getMessage()),
          "download config.json again.",
          e);
    }
  }

  private Architecture architecture() {
    JsonNode architectures = config.at("architectures");
    String name =
        architectures.isArray() && architectures.size() == 1
            ? architectures.get(0).asString("")
            : "";
    return Architecture.named(name)
        .orElseThrow(
            () ->
                new BadInputException(
                    "The architecture %s of the model config (%s) is not supported; %s are."
                        .formatted(
                            architectures.isMissingNode() ? "(none)" : architectures,
                            config.file(),
                            Architecture.known()),
                    "choose a model of one of these."));
  }

  /** Where the field is absent, some architectures have a number of their own: they must say it. */
  private KvHeads kvHeads(Architecture architecture, QueryHeads queryHeads) {
    return new KvHeads(
        switch (architecture) {
          case LLAMA, PHI3 -> config.integer("num_key_value_heads", queryHeads.count());
          case MISTRAL, QWEN2, QWEN3 -> config.integer("num_key_value_heads");
        });
  }

  private HeadDim headDim(Architecture architecture, int hiddenSize, QueryHeads queryHeads) {
    return new HeadDim(
        switch (architecture) {
          case LLAMA, MISTRAL, QWEN2, PHI3 ->
              config.integer("head_dim", hiddenSize / queryHeads.count());
          case QWEN3 -> config.integer("head_dim");
        });
  }

  private LinearBiases biases(Architecture architecture) {
    boolean attention = config.flag("attention_bias");
    boolean mlp = config.flag("mlp_bias");
    return switch (architecture) {
      case LLAMA -> new LinearBiases(attention, attention, mlp);
      case QWEN3 -> {
        refuseUnless("mlp_bias", Boolean.toString(mlp), "false");
        yield new LinearBiases(attention, attention, false);
      }
      case MISTRAL, PHI3 -> {
        refuseUnless("attention_bias", Boolean.toString(attention), "false");
        refuseUnless("mlp_bias", Boolean.toString(mlp), "false");
        yield LinearBiases.NONE;
      }
      case QWEN2 -> {
        refuseUnless("mlp_bias", Boolean.toString(mlp), "false");
        yield new LinearBiases(true, false, false);
      }
    };
  }

  private void refuseUnless(String field, String found, String supported) {
    if (!found.equals(supported)) {
      throw new BadInputException(
          "The %s (%s) of the model config (%s) is not supported; %s is."
              .formatted(field, found, config.file(), supported),
          "choose a plain model of its family.");
    }
  }
}
