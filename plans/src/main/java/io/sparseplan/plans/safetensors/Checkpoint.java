package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The weights of a Hugging Face model directory: {@code model.safetensors}, or the shards that
 * {@code model.safetensors.index.json} names. Files stay mapped as long as this or one of its
 * tensors is reachable: models read what they need when they need it.
 */
public final class Checkpoint {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path directory;
  private final TreeMap<String, SafetensorsFile> files;
  private final Map<String, SafetensorsFile> fileOfTensor;

  private Checkpoint(
      Path directory,
      TreeMap<String, SafetensorsFile> files,
      Map<String, SafetensorsFile> fileOfTensor) {
    this.directory = directory;
    this.files = files;
    this.fileOfTensor = fileOfTensor;
  }

  /**
   * @throws BadInputException if there are no weights, a shard is missing or damaged, or the index
   *     names a file outside the directory
   */
  public static Checkpoint open(Path directory) {
    Arena arena = Arena.ofAuto();
    Path index = directory.resolve(INDEX);
    return Files.exists(index) ? openShards(directory, index, arena) : openSingle(directory, arena);
  }

  private static Checkpoint openSingle(Path directory, Arena arena) {
    Path single = directory.resolve(SINGLE);
    if (!Files.exists(single)) {
      throw new BadInputException(
          "The directory (%s) has neither %s nor %s.".formatted(directory, SINGLE, INDEX),
          "download the weights in safetensors format.");
    }
    SafetensorsFile file = SafetensorsFile.map(single, arena);
    var files = new TreeMap<String, SafetensorsFile>();
    files.put(SINGLE, file);
    var fileOfTensor = new LinkedHashMap<String, SafetensorsFile>();
    file.names().forEach(name -> fileOfTensor.put(name, file));
    return new Checkpoint(directory, files, fileOfTensor);
  }

  private static Checkpoint openShards(Path directory, Path index, Arena arena) {
    JsonNode weightMap = JsonFile.read(index, JsonNode.class, "shard index").path("weight_map");
    if (!weightMap.isObject() || weightMap.isEmpty()) {
      throw new BadInputException(
          "The shard index (%s) has no weight_map.".formatted(index), "download it again.");
    }
    var shardOfTensor = new LinkedHashMap<String, String>();
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      shardOfTensor.put(entry.getKey(), shardName(index, entry.getKey(), entry.getValue()));
    }
    var files = new TreeMap<String, SafetensorsFile>();
    for (String shard : new TreeSet<>(shardOfTensor.values())) {
      files.put(shard, SafetensorsFile.map(directory.resolve(shard), arena));
    }
    var fileOfTensor = new LinkedHashMap<String, SafetensorsFile>();
    shardOfTensor.forEach(
        (tensor, shard) -> {
          SafetensorsFile file = files.get(shard);
          file.requireNamed(tensor);
          fileOfTensor.put(tensor, file);
        });
    return new Checkpoint(directory, files, fileOfTensor);
  }

  /** A shard's name is a file name of the model directory and nothing else. */
  private static String shardName(Path index, String tensor, JsonNode node) {
    String name = node.asString("");
    if (!node.isString() || !name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
      throw new BadInputException(
          "The shard index (%s) puts tensor %s into %s, which is not a file name of its directory."
              .formatted(index, tensor, node),
          "the index is damaged, or not to be trusted: download the model again.");
    }
    return name;
  }

  /**
   * @throws BadInputException if the checkpoint has no tensor of that name, or its type is not
   *     supported
   */
  public Tensor tensor(String name) {
    SafetensorsFile file = fileOfTensor.get(name);
    if (file == null) {
      throw new BadInputException(
          "The checkpoint (%s) has no tensor %s.".formatted(directory, name),
          "it is of another architecture than its config.json says.");
    }
    return file.tensor(name);
  }

  /** Hash over the hash and name of each file, in the order of names. */
  public Sha256 hash() {
    var lines = new StringBuilder();
    files.forEach(
        (name, file) -> {
          try {
            lines.append(Sha256.ofFile(file.file()).hex()).append("  ").append(name).append('\n');
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return Sha256.of(lines.toString());
  }
}
