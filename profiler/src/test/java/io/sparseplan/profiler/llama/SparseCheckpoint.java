package io.sparseplan.profiler.llama;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.profiler.statistics.ModelProfiler;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** A large checkpoint whose weights are a hole in the file, and a process that profiles it. */
final class SparseCheckpoint {
  /** Tokens of the prompt. */
  static final int TOKENS = 64;

  private SparseCheckpoint() {}

  /** Writes {@code model.safetensors}: bfloat16 zeros, of which the disk holds nothing. */
  static void write(Path directory, ModelGeometry model) throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    int hidden = model.hiddenSize();
    shapes.put("model.embed_tokens.weight", new long[] {model.vocabularySize(), hidden});
    for (int layer = 0; layer < model.layers().count(); layer++) {
      String name = "model.layers.%d.".formatted(layer);
      int query = model.attention().queryWidth();
      int keyValue = model.attention().kvWidth();
      shapes.put(name + "input_layernorm.weight", new long[] {hidden});
      shapes.put(name + "self_attn.q_proj.weight", new long[] {query, hidden});
      shapes.put(name + "self_attn.k_proj.weight", new long[] {keyValue, hidden});
      shapes.put(name + "self_attn.v_proj.weight", new long[] {keyValue, hidden});
      shapes.put(name + "self_attn.o_proj.weight", new long[] {hidden, query});
      shapes.put(name + "post_attention_layernorm.weight", new long[] {hidden});
      shapes.put(name + "mlp.gate_proj.weight", new long[] {model.intermediateSize(), hidden});
      shapes.put(name + "mlp.up_proj.weight", new long[] {model.intermediateSize(), hidden});
      shapes.put(name + "mlp.down_proj.weight", new long[] {hidden, model.intermediateSize()});
    }
    shapes.put("model.norm.weight", new long[] {hidden});
    shapes.put("lm_head.weight", new long[] {model.vocabularySize(), hidden});
    ObjectNode header = JsonFile.mapper().createObjectNode();
    long at = 0;
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", "BF16");
      var shape = tensor.putArray("shape");
      long elements = 1;
      for (long size : entry.getValue()) {
        shape.add(size);
        elements *= size;
      }
      long end = at + 2 * elements;
      tensor.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] text = JsonFile.mapper().writeValueAsBytes(header);
    try (var file = new RandomAccessFile(directory.resolve("model.safetensors").toFile(), "rw")) {
      file.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
      file.write(text);
      file.setLength(8 + text.length + at);
    }
  }

  /** Profiles one prompt of the model in that directory. */
  public static void main(String[] arguments) {
    try (Workers workers = new Workers(2)) {
      ModelDirectory.Loaded loaded = ModelDirectory.open(Path.of(arguments[0])).load(workers);
      var basis =
          new ProfileBasis(
              Tool.THIS,
              loaded.identity(),
              TileSize.DEFAULT,
              Objective.CE,
              CandidateSet.standard().candidates());
      var prompt = new Prompt(1, IntStream.range(0, TOKENS).toArray(), List.of());
      Profile profile =
          new ModelProfiler(loaded.model(), basis)
              .profile(
                  List.of(prompt),
                  FinishedPrompts.NONE,
                  Progress.NONE,
                  () -> new Run("", "", 1, 0, ""));
      System.out.printf("profiled %d heads%n", profile.prompts().getFirst().heads().size());
    }
  }
}
