package io.sparseplan.plans.file;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The version of a file's schema. A reader refuses a newer one than it knows. */
public record SchemaVersion(@JsonValue int number) {
  private static final int NEWEST = 1;

  /** The version that this program writes, and the newest that it reads. */
  public static final SchemaVersion CURRENT = new SchemaVersion(NEWEST);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public SchemaVersion {
    if (number != NEWEST) {
      throw new IllegalArgumentException(
          "The schemaVersion (%d) is not one that sparseplan %s reads, %d; maybe a newer one does"
              .formatted(number, Tool.THIS.version(), NEWEST));
    }
  }
}
