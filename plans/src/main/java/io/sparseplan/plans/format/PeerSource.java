package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.plan.ImportedFrom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A peer's file, or the files that belong together, read whole.
 *
 * @param path what the user named, for messages
 * @param parts contents by file name; the first is the one that was named
 */
public record PeerSource(String path, Map<String, byte[]> parts) {
  /** Published files have a few megabytes at most. */
  private static final long MOST_BYTES = 64L << 20;

  /**
   * Reads a file and those that belong to it: in a directory the first of the names that is there
   * is the file itself.
   *
   * @param names the names of a format's files, the main one first; empty where it is any one file
   * @throws BadInputException if there is none, or it is too large
   */
  public static PeerSource open(Path path, List<String> names) {
    var parts = new LinkedHashMap<String, byte[]>();
    if (Files.isDirectory(path)) {
      for (String name : names) {
        if (Files.isRegularFile(path.resolve(name))) {
          parts.put(name, read(path.resolve(name)));
        }
      }
      if (parts.isEmpty()) {
        throw new BadInputException(
            "The directory (%s) has none of the files %s.".formatted(path, names),
            "name the file itself.");
      }
    } else {
      parts.put(path.getFileName().toString(), read(path));
      for (String name : names.subList(Math.min(1, names.size()), names.size())) {
        Path beside = path.resolveSibling(name);
        if (Files.isRegularFile(beside)) {
          parts.putIfAbsent(name, read(beside));
        }
      }
    }
    return new PeerSource(path.toString(), parts);
  }

  private static byte[] read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new BadInputException(
            "The file (%s) %s."
                .formatted(file, Files.exists(file) ? "is no file" : "does not exist"),
            "check the path.");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new BadInputException(
            "The file (%s) has %d bytes; importers read up to %d."
                .formatted(file, Files.size(file), MOST_BYTES),
            "it is no plan but something else.");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BadInputException(
          "The file (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "check that you may read it.",
          e);
    }
  }

  /** What an imported plan kept of its file. */
  static PeerSource of(ImportedFrom kept) {
    var parts = new LinkedHashMap<String, byte[]>();
    kept.parts()
        .forEach(part -> parts.put(part.name(), part.text().getBytes(StandardCharsets.UTF_8)));
    return new PeerSource("the plan's " + kept.parts().getFirst().name(), parts);
  }

  /** Whether a plan keeps the text: where patterns leave out something that it has. */
  enum Text {
    KEPT,
    LEFT_OUT
  }

  /** What a plan keeps of the file. */
  ImportedFrom kept(String format, Text text) {
    return new ImportedFrom(
        format,
        parts.entrySet().stream()
            .map(
                part ->
                    new ImportedFrom.Part(
                        part.getKey(),
                        Sha256.of(part.getValue()),
                        text == Text.KEPT
                            ? new String(part.getValue(), StandardCharsets.UTF_8)
                            : ""))
            .toList());
  }

  /** The file that was named. */
  byte[] main() {
    return parts.values().iterator().next();
  }

  String mainName() {
    return parts.keySet().iterator().next();
  }

  JsonField json() {
    return JsonField.parse(path, main());
  }

  /**
   * @throws BadInputException if there is no such file beside the main one
   */
  JsonField json(String name) {
    byte[] text = parts.get(name);
    if (text == null) {
      throw new BadInputException(
          "The file %s is not beside %s; the format needs both.".formatted(name, path),
          "copy it there.");
    }
    return JsonField.parse(path + " (" + name + ")", text);
  }
}
