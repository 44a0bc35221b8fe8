package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.BadInputException;
import java.nio.file.Path;

/**
 * A safetensors file and its part in the job, for messages.
 *
 * @param kind "weight file", "profile"
 * @param remedy how to get another one, such as "fetch it again"
 */
public record TensorSource(Path file, String kind, String remedy) {
  /** A file of a checkpoint. */
  public static TensorSource weights(Path file) {
    return new TensorSource(file, "weight file", "fetch it again");
  }

  BadInputException truncated(String how) {
    return new BadInputException(
        "The %s (%s) is cut short: %s.".formatted(kind, file, how),
        "it is incomplete: %s.".formatted(remedy));
  }

  /** The error for a file that does not keep to its format. */
  public BadInputException malformed(String how) {
    return new BadInputException(
        "The %s (%s) is not valid: %s.".formatted(kind, file, how),
        "it is damaged or of another format: %s.".formatted(remedy));
  }
}
