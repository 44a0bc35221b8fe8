package io.sparseplan.costmodel;

import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What users name by the name under which it is shipped, or by a file of their own. */
public final class NameOrFile {
  private NameOrFile() {}

  /**
   * Reads what is shipped.
   *
   * @param resource path of the JSON in this module's folder of resources, such as {@code
   *     tables/h100-flex-attention.json}
   */
  public static <T> T shipped(String resource, Class<T> type) {
    try (InputStream in = NameOrFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The resource %s is not in the jar.".formatted(resource));
      }
      return JsonFile.mapper().readValue(in, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the text is the path of a file; what cannot be a path is none. */
  public static boolean isFile(String text) {
    try {
      return Files.isRegularFile(Path.of(text));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
