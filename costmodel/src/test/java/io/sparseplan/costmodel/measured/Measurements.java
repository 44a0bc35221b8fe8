package io.sparseplan.costmodel.measured;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/** The measurements that come with the tests; README.md beside them says what they are. */
public final class Measurements {
  private Measurements() {}

  public static Path file(String name) {
    try {
      return Path.of(
          Measurements.class
              .getResource("/io/sparseplan/costmodel/measurements/" + name + ".jsonl.gz")
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The rows of {@code h100-flex-prefill}, {@code h100-flex-decode} and so on. */
  public static List<MeasuredRow> rows(String name) {
    return MeasuredRows.read(file(name));
  }
}
