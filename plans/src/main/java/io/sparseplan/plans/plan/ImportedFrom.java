package io.sparseplan.plans.plan;

import io.sparseplan.plans.file.Sha256;
import java.util.List;

/**
 * The file of a peer that a plan was read from.
 *
 * @param format the importer's name, such as {@code moa}
 * @param parts the file, or the files that belong together
 */
public record ImportedFrom(String format, List<Part> parts) {
  /**
   * One file.
   *
   * @param text all of it, so that what no pattern holds (scores, comments of a configuration) is
   *     written again by an export to the same format; empty where the patterns say everything
   */
  public record Part(String name, Sha256 sha256, String text) {}

  public ImportedFrom {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("What was imported from %s is no file.".formatted(format));
    }
  }
}
