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
  private static final String LLAMA = "LlamaForCausalLM";

  private final Path file;
  private final JsonNode root;

  private ConfigJson(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
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
    return new ConfigJson(file, root).geometry();
  }

  private ModelGeometry geometry() {
    String architecture = architecture();
    refuseUnless("hidden_act", root.path("hidden_act").asString("silu"), "silu");
    refuseUnless("attention_bias", root.path("attention_bias").asString("false"), "false");
    refuseUnless("mlp_bias", root.path("mlp_bias").asString("false"), "false");
    try {
      int hiddenSize = integer("hidden_size");
      var queryHeads = new QueryHeads(integer("num_attention_heads"));
      var kvHeads = new KvHeads(integer("num_key_value_heads", queryHeads.count()));
      var headDim = new HeadDim(integer("head_dim", hiddenSize / queryHeads.count()));
      return new ModelGeometry(
          architecture,
          new LayerCount(integer("num_hidden_layers")),
          new AttentionShape(queryHeads, kvHeads, headDim),
          hiddenSize,
          rope(),
          integer("intermediate_size"),
          number(root, "rms_norm_eps"),
          integer("vocab_size"),
          root.path("tie_word_embeddings").asBoolean(false),
          Tokens.of(integer("max_position_embeddings")));
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "The model config (%s) contradicts itself: %s".formatted(file, e.getMessage()),
          "download config.json again.",
          e);
    }
  }

  private String architecture() {
    JsonNode architectures = root.path("architectures");
    String name =
        architectures.isArray() && architectures.size() == 1
            ? architectures.get(0).asString("")
            : "";
    if (!name.equals(LLAMA)) {
      throw new BadInputException(
          "The architecture %s of the model config (%s) is not supported; %s is."
              .formatted(architectures.isMissingNode() ? "(none)" : architectures, file, LLAMA),
          "choose a model of the Llama family.");
    }
    return name;
  }

  /**
   * The base frequency, from {@code rope_parameters} (transformers 5) or {@code rope_theta} (4).
   * Any rescaling of frequencies is refused.
   */
  private Rope rope() {
    JsonNode parameters = root.path("rope_parameters");
    JsonNode scaling = root.path("rope_scaling");
    for (JsonNode rescaled : new JsonNode[] {parameters, scaling}) {
      String type = rescaled.path("rope_type").asString(rescaled.path("type").asString("default"));
      if (!type.equals("default")) {
        throw new BadInputException(
            "The rope_type (%s) of the model config (%s) is not supported; default is."
                .formatted(type, file),
            "choose a model without rescaled positions.");
      }
    }
    if (parameters.isObject()) {
      return new Rope(number(parameters, "rope_theta"));
    }
    return new Rope(root.path("rope_theta").isMissingNode() ? 10_000 : number(root, "rope_theta"));
  }

  private void refuseUnless(String field, String found, String supported) {
    if (!found.equals(supported)) {
      throw new BadInputException(
          "The %s (%s) of the model config (%s) is not supported; %s is."
              .formatted(field, found, file, supported),
          "choose a model of the plain Llama family.");
    }
  }

  private int integer(String field) {
    JsonNode node = root.path(field);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw new BadInputException(
          "The %s (%s) of the model config (%s) is not a positive integer."
              .formatted(field, node.isMissingNode() ? "missing" : node, file),
          "download config.json again.");
    }
    return node.intValue();
  }

  private int integer(String field, int whenAbsent) {
    JsonNode node = root.path(field);
    return node.isMissingNode() || node.isNull() ? whenAbsent : integer(field);
  }

  private double number(JsonNode parent, String field) {
    JsonNode node = parent.path(field);
    if (!node.isNumber()) {
      throw new BadInputException(
          "The %s (%s) of the model config (%s) is not a number."
              .formatted(field, node.isMissingNode() ? "missing" : node, file),
          "download config.json again.");
    }
    return node.doubleValue();
  }
}
