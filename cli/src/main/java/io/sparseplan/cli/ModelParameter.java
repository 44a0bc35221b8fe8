package io.sparseplan.cli;

import io.sparseplan.profiler.ModelDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The model to work on. */
final class ModelParameter {
  static final String DESCRIPTION =
      "A Hugging Face model directory, or a directory with one under model/ and prompts beside it.";

  @Parameters(paramLabel = "MODEL", description = DESCRIPTION)
  private Path directory;

  ModelDirectory open() {
    return ModelDirectory.open(directory);
  }
}
