package io.sparseplan.profiler;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.TextFile;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.SlidingLayers;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model on disk: a Hugging Face directory, or a directory with one under {@code model/} and its
 * prompts beside it.
 *
 * @param root what the user named
 * @param checkpoint where {@code config.json} lies
 */
public record ModelDirectory(Path root, Path checkpoint, ModelGeometry geometry) {
  /** The name of the prompts that are used when the user names none. */
  public static final String PROMPTS = "prompts-calibration.jsonl";

  /**
   * @throws BadInputException if there is no model, or one that this program does not run
   */
  public static ModelDirectory open(Path root) {
    if (!Files.isDirectory(root)) {
      throw new BadInputException(
          "The model directory (%s) %s."
              .formatted(root, Files.exists(root) ? "is not a directory" : "does not exist"),
          "check the path.");
    }
    Path nested = root.resolve("model");
    Path checkpoint =
        !Files.exists(root.resolve("config.json")) && Files.exists(nested.resolve("config.json"))
            ? nested
            : root;
    return new ModelDirectory(root, checkpoint, ConfigJson.read(checkpoint.resolve("config.json")));
  }

  /** Where the prompts lie, perhaps packed, when the user names none; perhaps there are none. */
  public Path defaultPrompts() {
    return TextFile.plainOrPacked(root.resolve(PROMPTS));
  }

  /** Weights where they are stored, with the hashes of what they are. */
  public record Opened(ModelGeometry geometry, Checkpoint weights, ModelIdentity identity) {
    /**
     * Packs the weights for the CPU where they leave most of the heap free.
     *
     * @throws BadInputException if they are not finite, or of another shape
     */
    public Loaded load(Workers workers) {
      return new Loaded(LlamaModel.load(geometry, weights, workers), identity);
    }

    /**
     * The weights by what they are for.
     *
     * @throws BadInputException if they are of another shape
     */
    public StoredModel stored(Workers workers) {
      return StoredModel.open(geometry, weights, workers);
    }
  }

  /** A model ready to run, with the hashes of what it was loaded from. */
  public record Loaded(LlamaModel model, ModelIdentity identity) {}

  /**
   * Opens the weights, and packs them where they leave most of the heap free.
   *
   * @throws BadInputException if they are missing, damaged, not finite, or of another shape
   */
  public Loaded load(Workers workers) {
    return openWeights().load(workers);
  }

  /**
   * Opens the weights, and reads them whole once for their hash.
   *
   * @throws BadInputException if they are missing or damaged
   */
  public Opened openWeights() {
    try {
      Checkpoint weights = Checkpoint.open(checkpoint);
      var identity =
          new ModelIdentity(
              name(),
              geometry.architecture().className(),
              Sha256.ofFile(checkpoint.resolve("config.json")),
              weights.hash(),
              geometry.layers(),
              geometry.attention(),
              geometry.rope(),
              SlidingLayers.of(geometry.reach()),
              HeadAxis.QUERY_HEAD);
      return new Opened(geometry, weights, identity);
    } catch (IOException e) {
      throw new BadInputException(
          "The model (%s) cannot be read: %s.".formatted(checkpoint, e.getMessage()),
          "check that you may read its files.",
          e);
    }
  }

  private String name() {
    Path last = root.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString();
  }
}
