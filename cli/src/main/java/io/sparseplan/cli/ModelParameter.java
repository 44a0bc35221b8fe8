package io.sparseplan.cli;

import io.sparseplan.profiler.ModelDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The model to work on. */
final class ModelParameter {
  @Parameters(
      paramLabel = "MODEL",
      description =
          "A Hugging Face model directory, or a directory with one under model/ and prompts beside"
              + " it.")
  private Path directory;

  ModelDirectory open() {
    return ModelDirectory.open(directory);
  }
}
