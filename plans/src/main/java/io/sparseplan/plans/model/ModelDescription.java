package io.sparseplan.plans.model;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.safetensors.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A model as far as a plan for it needs to know: its layers and heads, from {@code config.json},
 * also of one that this program does not run.
 *
 * @param warnings what is not known of it
 */
public record ModelDescription(ModelIdentity identity, List<String> warnings) {
  private static final String CONFIG = "config.json";

  /** The hash of no weights at all: where a {@code config.json} was all that there was. */
  static final Sha256 NO_WEIGHTS = Sha256.of("");

  public ModelDescription {
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a directory with a model, or with one under {@code model/}, or a {@code config.json}
   * alone.
   *
   * @throws BadInputException if there is none, or it does not say how many layers and heads there
   *     are
   */
  public static ModelDescription of(Path path) {
    Path config = configOf(path);
    Path directory = config.toAbsolutePath().getParent();
    Path named = Files.isDirectory(path) ? path.toAbsolutePath().normalize() : directory;
    String name = Optional.ofNullable(named.getFileName()).map(Path::toString).orElse("model");
    var warnings = new ArrayList<String>();
    Sha256 weights = weights(directory);
    if (weights.equals(NO_WEIGHTS)) {
      warnings.add(
          "There are no weights beside %s: the plan is for any of its shape, and evaluate refuses it."
              .formatted(CONFIG));
    }
    try {
      Sha256 hash = Sha256.ofFile(config);
      return new ModelDescription(identity(config, name, hash, weights, warnings), warnings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path configOf(Path path) {
    for (Path config : List.of(path.resolve(CONFIG), path.resolve("model").resolve(CONFIG), path)) {
      if (Files.isRegularFile(config)) {
        return config;
      }
    }
    throw new BadInputException(
        "The model (%s) has no %s.".formatted(path, CONFIG),
        "name a Hugging Face model directory, or a config.json.");
  }

  private static Sha256 weights(Path directory) {
    boolean there =
        Files.exists(directory.resolve("model.safetensors"))
            || Files.exists(directory.resolve("model.safetensors.index.json"));
    return there ? Checkpoint.open(directory).hash() : NO_WEIGHTS;
  }

  private static ModelIdentity identity(
      Path config, String name, Sha256 hash, Sha256 weights, List<String> warnings) {
    ModelGeometry geometry;
    try {
      geometry = ConfigJson.read(config);
    } catch (BadInputException refused) {
      warnings.add(
          "This program does not run the model, and knows nothing of its windows and positions: "
              + refused.getMessage().lines().findFirst().orElse(""));
      return lenient(config, name, hash, weights);
    }
    return new ModelIdentity(
        name,
        geometry.architecture().className(),
        hash,
        weights,
        geometry.layers(),
        geometry.attention(),
        geometry.rope(),
        SlidingLayers.of(geometry.reach()),
        HeadAxis.QUERY_HEAD);
  }

  /** Layers and heads alone. */
  private static ModelIdentity lenient(Path config, String name, Sha256 hash, Sha256 weights) {
    JsonNode root = JsonFile.read(config, JsonNode.class, "model config");
    var fields = new ConfigFields(config, root);
    int heads = fields.integer("num_attention_heads");
    int kvHeads = fields.integer("num_key_value_heads");
    int headDim =
        fields.has("head_dim") ? fields.integer("head_dim") : fields.integer("hidden_size") / heads;
    try {
      return new ModelIdentity(
          name,
          root.path("architectures").path(0).asString("unknown"),
          hash,
          weights,
          new LayerCount(fields.integer("num_hidden_layers")),
          new AttentionShape(new QueryHeads(heads), new KvHeads(kvHeads), new HeadDim(headDim)),
          new Rope(fields.number("rope_theta", fields.number("rope_embedding_base", 10_000))),
          HeadAxis.QUERY_HEAD);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "The model config (%s) contradicts itself: %s".formatted(config, e.getMessage()),
          "download config.json again.",
          e);
    }
  }
}
