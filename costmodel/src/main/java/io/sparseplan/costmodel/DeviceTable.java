package io.sparseplan.costmodel;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The constants of one kernel on one GPU, fitted to measurements, or scaled from such a table.
 *
 * @param gpu as its driver names it
 * @param kernel the block-sparse kernel
 * @param source what was measured, with which versions and how, in a sentence
 * @param shapes one for each head_dim and tile that was measured
 * @param otherDense dense kernels that were measured beside it, to compare with
 * @param notMeasured set where the GPU was not measured; then errors and evidence are those of the
 *     table that this one was scaled from
 * @param validation how far it is off for launches that it was not fitted to, where that was found
 *     out
 */
public record DeviceTable(
    SchemaVersion schemaVersion,
    String name,
    String gpu,
    String kernel,
    String source,
    List<KernelShape> shapes,
    List<DenseKernel> otherDense,
    Optional<NotMeasured> notMeasured,
    Optional<Validation> validation) {
  /** The table that is used unless another is named. */
  public static final String DEFAULT = "h100-flex-attention";

  private static final List<String> SHIPPED =
      List.of(DEFAULT, "h200-flex-attention", "h100-sparseplan");

  public DeviceTable {
    shapes = List.copyOf(shapes);
    otherDense = List.copyOf(otherDense);
    if (shapes.isEmpty()) {
      throw new IllegalArgumentException("The device table (%s) has no shapes.".formatted(name));
    }
  }

  /** A table of measured constants. */
  public DeviceTable(
      SchemaVersion schemaVersion,
      String name,
      String gpu,
      String kernel,
      String source,
      List<KernelShape> shapes,
      List<DenseKernel> otherDense) {
    this(
        schemaVersion,
        name,
        gpu,
        kernel,
        source,
        shapes,
        otherDense,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * The same, with what a cross-validation found.
   *
   * @param validated its shapes, with intervals
   */
  public DeviceTable with(List<KernelShape> validated, Validation found) {
    return new DeviceTable(
        schemaVersion,
        name,
        gpu,
        kernel,
        source,
        validated,
        otherDense,
        notMeasured,
        Optional.of(found));
  }

  /** The names of the tables that come with the program: measured ones, the default first. */
  public static List<String> shippedNames() {
    return Stream.concat(SHIPPED.stream(), ScaledTables.names().stream()).toList();
  }

  /**
   * The shipped table of this name, else the one in this file.
   *
   * @throws BadInputException if it is neither, or the file is no device table
   */
  public static DeviceTable resolve(String nameOrFile) {
    if (SHIPPED.contains(nameOrFile)) {
      return shipped(nameOrFile);
    }
    if (ScaledTables.names().contains(nameOrFile)) {
      return ScaledTables.of(nameOrFile, shipped(DEFAULT));
    }
    if (!NameOrFile.isFile(nameOrFile)) {
      throw new BadInputException(
          "The device (%s) is neither a shipped table (%s) nor a file."
              .formatted(nameOrFile, String.join(", ", shippedNames())),
          "name one of those tables, or check the path of the file.");
    }
    return JsonFile.read(Path.of(nameOrFile), DeviceTable.class, "device table");
  }

  /** The SHA-256 of the table as JSON on one line, properties in the order of the records. */
  public Sha256 sha256() {
    return Sha256.of(JsonFile.mapper().writeValueAsBytes(this));
  }

  /**
   * The constants for a kernel shape, or those of the nearest measured one (the nearest tile first,
   * then the nearest head_dim, both by ratio) with a warning.
   */
  public PricedShape priceFor(HeadDim headDim, TileSize tile, Visibility visibility) {
    return ShapeChoice.nearest(this, headDim, tile, visibility);
  }

  /** What the maker of the GPU says that it can do, where that is known: the first layer. */
  public Optional<PublishedPeaks> peaks() {
    return notMeasured.map(NotMeasured::scaledTo).or(() -> PublishedPeaks.of(gpu));
  }

  /** Size of the GPU's second-level cache; zero where it is not known, so that nothing fits. */
  public double cacheMegabytes() {
    return peaks().map(PublishedPeaks::cacheMegabytes).orElse(0.0);
  }

  /** Writes the table as JSON, whole or not at all. */
  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }

  private static DeviceTable shipped(String name) {
    return NameOrFile.shipped("tables/" + name + ".json", DeviceTable.class);
  }
}
