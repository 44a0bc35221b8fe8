package io.sparseplan.costmodel.decode;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.AttentionShape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The constants of one split-KV decode kernel on one GPU, fitted to measurements.
 *
 * @param gpu as its driver names it
 * @param source what was measured, with which versions and how, in a sentence
 * @param measured which steps the constants were fitted to
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
    MeasuredRange measured,
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

  /** The shipped table of a GPU, if it was measured. */
  public static Optional<SplitKvTable> ofGpu(String gpu) {
    return shippedNames().stream()
        .map(SplitKvTable::shipped)
        .filter(table -> table.gpu().equals(gpu))
        .findFirst();
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

  /**
   * The constants for a head_dim and a group, or those of the nearest measured shape (the nearest
   * head_dim first, then the nearest group, then the largest tile) with a tile's time in proportion
   * to its bytes.
   */
  public PricedSplitKv priceFor(AttentionShape attention) {
    SplitKvKernel nearest =
        kernels.stream()
            .min(
                Comparator.<SplitKvKernel>comparingDouble(
                        kernel ->
                            logRatio(kernel.shape().headDim().count(), attention.headDim().count()))
                    .thenComparingDouble(
                        kernel ->
                            logRatio(kernel.shape().queryHeadsOfKvHead(), attention.groupSize()))
                    .thenComparingInt(kernel -> -kernel.shape().tile().tokens()))
            .orElseThrow();
    var asked =
        new SplitKvShape(attention.headDim(), attention.groupSize(), nearest.shape().tile());
    if (asked.equals(nearest.shape())) {
      return new PricedSplitKv(nearest, Optional.empty());
    }
    double bytesRatio = (double) asked.bytesOfTile() / nearest.shape().bytesOfTile();
    return new PricedSplitKv(
        new SplitKvKernel(
            asked,
            nearest.blocksEach(),
            nearest.blockMicros(),
            nearest.tileMicros() * bytesRatio,
            nearest.rows(),
            nearest.error()),
        Optional.of(
            ("The decode table %s has no measurements of head_dim %d with %d query heads a KV"
                    + " head; times are made from those of head_dim %d with %d.")
                .formatted(
                    name,
                    asked.headDim().count(),
                    asked.queryHeadsOfKvHead(),
                    nearest.shape().headDim().count(),
                    nearest.shape().queryHeadsOfKvHead())));
  }

  private static double logRatio(int measured, int asked) {
    return Math.abs(Math.log((double) measured / asked));
  }

  /** The SHA-256 of the table as JSON on one line, properties in the order of the records. */
  public Sha256 sha256() {
    return Sha256.of(JsonFile.mapper().writeValueAsBytes(this));
  }

  /** The time of a launch in microseconds; none if its shape was not measured. */
  public Optional<Double> micros(SplitKvLaunch launch) {
    return kernelFor(launch.shape()).map(kernel -> micros(launch, kernel));
  }

  /**
   * The time of a launch in microseconds.
   *
   * @param kernel of this table, or made from one of its
   */
  public double micros(SplitKvLaunch launch, SplitKvKernel kernel) {
    return SplitKvTime.micros(launch, constants, kernel);
  }

  /**
   * The shipped table of this name, else the one in this file.
   *
   * @throws BadInputException if it is neither, or the file is no decode table
   */
  public static SplitKvTable resolve(String nameOrFile) {
    return shippedNames().contains(nameOrFile)
        ? shipped(nameOrFile)
        : JsonFile.read(Path.of(nameOrFile), SplitKvTable.class, "decode table");
  }
}
