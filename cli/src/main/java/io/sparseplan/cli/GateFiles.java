package io.sparseplan.cli;

import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The result of gates in the forms that CI systems show. */
final class GateFiles {
  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Also write the gates as JUnit XML: a test case each.")
  private Optional<Path> junit = Optional.empty();

  @Option(
      names = "--sarif",
      paramLabel = "FILE",
      description = "Also write the gates that are not kept as SARIF 2.1.0.")
  private Optional<Path> sarif = Optional.empty();

  /**
   * @param plan what the findings are about
   */
  void write(CheckReport report, Path plan) throws IOException {
    if (junit.isPresent()) {
      write(junit.get(), JunitXml.of(report));
    }
    if (sarif.isPresent()) {
      write(sarif.get(), SarifLog.of(report, plan));
    }
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
