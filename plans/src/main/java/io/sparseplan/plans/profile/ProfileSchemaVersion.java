package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.file.Tool;

/**
 * The version of a profile's schema; 3 since it is a safetensors file, 4 since it says how tokens
 * lie, 5 since it says what arithmetic it was made in. A reader refuses any other: what an older
 * profile lacks cannot be made up.
 */
public record ProfileSchemaVersion(@JsonValue int number) {
  private static final int NEWEST = 5;

  /** The version that this program writes and reads. */
  public static final ProfileSchemaVersion CURRENT = new ProfileSchemaVersion(NEWEST);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public ProfileSchemaVersion {
    if (number != NEWEST) {
      throw new IllegalArgumentException(
          "The schemaVersion (%d) is not the one that sparseplan %s reads, %d; %s"
              .formatted(
                  number,
                  Tool.THIS.version(),
                  NEWEST,
                  number < NEWEST
                      ? "maybe profile the model again"
                      : "maybe a newer sparseplan does"));
    }
  }
}
