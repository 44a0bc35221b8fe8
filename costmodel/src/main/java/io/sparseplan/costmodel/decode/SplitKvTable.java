package io.sparseplan.costmodel.decode;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * The constants of one split-KV decode kernel on one GPU, fitted to measurements.
 *
 * @param gpu as its driver names it
 * @param source what was measured, with which versions and how, in a sentence
 * @param kernels one for each shape that was measured
 * @param crossValidated error on rows that the constants were not fitted to, five folds
 * @param noise how far the medians of three interleaved rounds of a row lie apart, largest from
 *     smallest
 */
public record SplitKvTable(
    SchemaVersion schemaVersion,
    String name,
    String gpu,
    String kernel,
    String source,
    SplitKvConstants constants,
    List<SplitKvKernel> kernels,
    RelativeError crossValidated,
    RelativeError noise) {
  public SplitKvTable {
    kernels = List.copyOf(kernels);
  }

  /** The names of the tables that come with the program. */
  public static List<String> shippedNames() {
    return List.of("h100-split-decode", "h200-split-decode");
  }

  /** A shipped table. */
  public static SplitKvTable shipped(String name) {
    try (InputStream in = SplitKvTable.class.getResourceAsStream(name + ".json")) {
      if (in == null) {
        throw new IllegalArgumentException(
            "There is no decode table (%s); there are %s.".formatted(name, shippedNames()));
      }
      return JsonFile.mapper().readValue(in, SplitKvTable.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The constants for a shape, if it was measured. */
  public Optional<SplitKvKernel> kernelFor(SplitKvShape shape) {
    return kernels.stream().filter(k -> k.shape().equals(shape)).findFirst();
  }

  /** The time of a launch in microseconds; none if its shape was not measured. */
  public Optional<Double> micros(SplitKvLaunch launch) {
    return kernelFor(launch.shape()).map(k -> SplitKvTime.micros(launch, constants, k));
  }
}
