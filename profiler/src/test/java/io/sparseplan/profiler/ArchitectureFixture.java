package io.sparseplan.profiler;

import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.profiler.llama.LlamaModel;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A tiny random checkpoint of each architecture, with what transformers computed from it;
 * docs/fixtures/README.md says how.
 */
public enum ArchitectureFixture {
  LLAMA_LLAMA3_ROPE("llama-llama3-rope"),
  LLAMA_LINEAR_ROPE_BIAS("llama-linear-rope-bias"),
  MISTRAL("mistral"),
  QWEN2("qwen2"),
  QWEN3("qwen3"),
  PHI3("phi3");

  /** The layer whose projections and attention the reference holds. */
  public static final int LAYER = 1;

  /** The head of it whose softmax weights the reference holds. */
  public static final int HEAD = 2;

  /** How many of the last rows of logits and softmax weights it holds. */
  public static final int LAST_ROWS = 16;

  private final Path directory;
  private final SafetensorsFile references;

  ArchitectureFixture(String name) {
    try {
      Path packed = Path.of(ArchitectureFixture.class.getResource("architectures/" + name).toURI());
      references = PackedReference.open(packed.resolve("reference.safetensors.xz"));
      directory = Files.createTempDirectory(name);
      Path config = directory.resolve("config.json");
      Path weights = directory.resolve("model.safetensors");
      // In this order: what is registered last is deleted first.
      List.of(directory, config, weights).forEach(path -> path.toFile().deleteOnExit());
      Files.copy(packed.resolve("config.json"), config);
      PackedReference.unpack(packed.resolve("model.safetensors.xz"), weights);
    } catch (URISyntaxException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path directory() {
    return directory;
  }

  public ModelGeometry geometry() {
    return ConfigJson.read(directory.resolve("config.json"));
  }

  public LlamaModel load(Workers workers) {
    return LlamaModel.load(geometry(), Checkpoint.open(directory), workers);
  }

  /** The matrix of the output layer, {@code [token id][hidden]}. */
  public float[] outputLayer() {
    return Checkpoint.open(directory)
        .tensor(geometry().tiedEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight")
        .toFloats();
  }

  /** A tensor that PyTorch computed. */
  public float[] reference(String name) {
    return references.tensor(name).toFloats();
  }

  public int[] ids() {
    return references.tensor("input_ids").toInts();
  }
}
