package io.sparseplan.cli;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/** Another revision of llama-1m, whose heads are changed one by one; bf16, rows of 128. */
final class ModelRevision {
  private static final int HEAD_DIM = 32;
  private static final int HIDDEN = 128;
  private static final int BYTES = 2;

  private final byte[] file;
  private final int dataStart;
  private final JsonNode header;

  ModelRevision() throws IOException {
    file = Files.readAllBytes(CommandRun.LLAMA_1M.resolve("model/model.safetensors"));
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    dataStart = Long.BYTES + length;
    header =
        JsonFile.mapper().readTree(new String(file, Long.BYTES, length, StandardCharsets.UTF_8));
  }

  static HeadId head(int layer, int head) {
    return new HeadId(new LayerIndex(layer), new HeadIndex(head));
  }

  /**
   * Two query heads of one key-value head change places: the model computes what it did, by other
   * heads.
   */
  ModelRevision swap(HeadId one, HeadId other) {
    for (int dim = 0; dim < HEAD_DIM; dim++) {
      int first = one.head().value() * HEAD_DIM + dim;
      int second = other.head().value() * HEAD_DIM + dim;
      int queries = start(one, "q_proj");
      swap(queries + first * HIDDEN * BYTES, queries + second * HIDDEN * BYTES, HIDDEN * BYTES);
      for (int row = 0; row < HIDDEN; row++) {
        int outputs = start(one, "o_proj") + row * HIDDEN * BYTES;
        swap(outputs + first * BYTES, outputs + second * BYTES, BYTES);
      }
    }
    return this;
  }

  /** The head loses its queries, so that it attends to all keys alike. */
  ModelRevision blind(HeadId head) {
    int from = start(head, "q_proj") + head.head().value() * HEAD_DIM * HIDDEN * BYTES;
    Arrays.fill(file, from, from + HEAD_DIM * HIDDEN * BYTES, (byte) 0);
    return this;
  }

  private int start(HeadId head, String projection) {
    String name = "model.layers.%d.self_attn.%s.weight".formatted(head.layer().value(), projection);
    return dataStart + header.path(name).path("data_offsets").path(0).asInt();
  }

  private void swap(int one, int other, int bytes) {
    for (int n = 0; n < bytes; n++) {
      byte kept = file[one + n];
      file[one + n] = file[other + n];
      file[other + n] = kept;
    }
  }

  /** Writes the revision and its prompts into a directory that does not exist. */
  Path write(Path directory) throws IOException {
    Path model = Files.createDirectories(directory.resolve("model"));
    Files.write(model.resolve("model.safetensors"), file);
    Files.copy(CommandRun.LLAMA_1M.resolve("model/config.json"), model.resolve("config.json"));
    String prompts = "prompts-calibration.jsonl.gz";
    Files.copy(CommandRun.LLAMA_1M.resolve(prompts), directory.resolve(prompts));
    return directory;
  }
}
