package io.sparseplan.plans.file;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The version of a file's schema. A reader refuses a newer one than it knows. */
public record SchemaVersion(@JsonValue int number) {
  /** The version that this program writes, and the newest that it reads. */
  public static final SchemaVersion CURRENT = new SchemaVersion(1);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public SchemaVersion {
    if (number < 1 || number > 1) {
      throw new IllegalArgumentException(
          "The schemaVersion (%d) is not one that this program (%s) reads: 1."
              .formatted(number, "0.1.0"));
    }
  }
}
