package io.sparseplan.profiler;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;

/**
 * Writes a tiny LlamaForCausalLM of random float32 weights, of widths that no vector and no panel
 * divides.
 */
public final class RandomCheckpoint {
  private static final int HIDDEN = 21;
  private static final int LAYERS = 3;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int HEAD_DIM = 6;
  private static final int INTERMEDIATE = 27;
  private static final int VOCABULARY = 53;

  private RandomCheckpoint() {}

  /** Writes {@code config.json} and {@code model.safetensors}. */
  public static void write(Path directory, boolean tied) throws IOException {
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"architectures":["LlamaForCausalLM"],"hidden_size":%d,"intermediate_size":%d,
         "max_position_embeddings":64,"num_attention_heads":%d,"num_hidden_layers":%d,
         "num_key_value_heads":%d,"head_dim":%d,"rms_norm_eps":1e-05,"rope_theta":10000.0,
         "vocab_size":%d,"tie_word_embeddings":%s}
        """
            .formatted(HIDDEN, INTERMEDIATE, HEADS, LAYERS, KV_HEADS, HEAD_DIM, VOCABULARY, tied));
    Map<String, int[]> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", new int[] {VOCABULARY, HIDDEN});
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "model.layers.%d.".formatted(layer);
      shapes.put(name + "input_layernorm.weight", new int[] {HIDDEN});
      shapes.put(name + "self_attn.q_proj.weight", new int[] {HEADS * HEAD_DIM, HIDDEN});
      shapes.put(name + "self_attn.k_proj.weight", new int[] {KV_HEADS * HEAD_DIM, HIDDEN});
      shapes.put(name + "self_attn.v_proj.weight", new int[] {KV_HEADS * HEAD_DIM, HIDDEN});
      shapes.put(name + "self_attn.o_proj.weight", new int[] {HIDDEN, HEADS * HEAD_DIM});
      shapes.put(name + "post_attention_layernorm.weight", new int[] {HIDDEN});
      shapes.put(name + "mlp.gate_proj.weight", new int[] {INTERMEDIATE, HIDDEN});
      shapes.put(name + "mlp.up_proj.weight", new int[] {INTERMEDIATE, HIDDEN});
      shapes.put(name + "mlp.down_proj.weight", new int[] {HIDDEN, INTERMEDIATE});
    }
    shapes.put("model.norm.weight", new int[] {HIDDEN});
    if (!tied) {
      shapes.put("lm_head.weight", new int[] {VOCABULARY, HIDDEN});
    }
    Files.write(directory.resolve("model.safetensors"), safetensors(shapes));
  }

  private static byte[] safetensors(Map<String, int[]> shapes) {
    var header = new StringJoiner(",", "{", "}");
    int bytes = 0;
    for (var entry : shapes.entrySet()) {
      int[] shape = entry.getValue();
      int end = bytes + 4 * shape[0] * (shape.length == 1 ? 1 : shape[1]);
      header.add(
          "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  entry.getKey(),
                  shape.length == 1
                      ? "[%d]".formatted(shape[0])
                      : "[%d,%d]".formatted(shape[0], shape[1]),
                  bytes,
                  end));
      bytes = end;
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    var file = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    var random = new Random(5);
    for (int[] shape : shapes.values()) {
      int inputs = shape.length == 1 ? 1 : shape[1];
      for (int i = 0; i < shape[0] * inputs; i++) {
        double value =
            shape.length == 1
                ? 1 + 0.2 * random.nextGaussian()
                : 1.5 * random.nextGaussian() / Math.sqrt(inputs);
        file.putFloat((float) value);
      }
    }
    return file.array();
  }
}
