package io.sparseplan.profiler;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.profiler.llama.LlamaModel;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** The models that the repository carries, with what PyTorch computed from them. */
public enum ShippedModel {
  LLAMA_1M("llama-1m"),
  LLAMA_16M("llama-16m");

  private final Path directory;

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

  /** A tensor that PyTorch computed; copied, so nothing stays open. */
  public float[] reference(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return tensor(name, arena).toFloats();
    }
  }

  public int[] referenceIds() {
    try (Arena arena = Arena.ofConfined()) {
      return tensor("input_ids", arena).toInts();
    }
  }

  private Tensor tensor(String name, Arena arena) {
    return SafetensorsFile.map(directory.resolve("reference-text.safetensors"), arena).tensor(name);
  }

  public static TileGrid grid(int tokens, int tile) {
    return TileGrid.causal(Tokens.of(tokens), new TileSize(tile));
  }
}
