package io.sparseplan.profiler;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.profiler.llama.LlamaModel;
import java.nio.file.Path;
import java.util.Optional;

/** The models that the repository carries, with what PyTorch computed from them. */
public enum ShippedModel {
  LLAMA_1M("llama-1m"),
  LLAMA_16M("llama-16m");

  private final Path directory;
  private Optional<SafetensorsFile> references = Optional.empty();

  ShippedModel(String name) {
    directory = Path.of("..", "models", name);
  }

  public Path directory() {
    return directory;
  }

  public Path checkpointDirectory() {
    return directory.resolve("model");
  }

  public Path prompts() {
    return directory.resolve("prompts-calibration.jsonl.gz");
  }

  public LlamaModel load(Workers workers) {
    return LlamaModel.load(
        ConfigJson.read(checkpointDirectory().resolve("config.json")),
        Checkpoint.open(checkpointDirectory()),
        workers);
  }

  /** A tensor that PyTorch computed. */
  public float[] reference(String name) {
    return references().tensor(name).toFloats();
  }

  public int[] referenceIds() {
    return references().tensor("input_ids").toInts();
  }

  private synchronized SafetensorsFile references() {
    return references.orElseGet(
        () -> {
          references =
              Optional.of(PackedReference.open(directory.resolve("reference-text.safetensors.xz")));
          return references.get();
        });
  }

  public static TileGrid grid(int tokens, int tile) {
    return TileGrid.causal(Tokens.of(tokens), new TileSize(tile));
  }
}
