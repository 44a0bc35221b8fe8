package io.sparseplan.costmodel;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tables of GPUs that nobody measured, made from a measured one.
 *
 * <p>Idea: a tile is matrix products on one multiprocessor, so its time goes with the tensor rate
 * of a multiprocessor. A block beside its tiles loads queries and stores outputs, so that time goes
 * with a multiprocessor's share of the memory bandwidth; each multiprocessor is taken to have its
 * port to the second-level cache, so what that takes goes with their number. The launch is the
 * driver's and the start of a block the work distributor's, and both stay. How many blocks share a
 * multiprocessor is taken over too, which no peak says.
 */
final class ScaledTables {
  /** A table that is made from the default one. */
  private enum Scaled {
    A100("a100-flex-attention", "NVIDIA A100-SXM4-80GB"),
    L40S("l40s-flex-attention", "NVIDIA L40S"),
    RTX_4090("rtx4090-flex-attention", "NVIDIA GeForce RTX 4090"),
    B200("b200-flex-attention", "NVIDIA B200");

    private final String table;
    private final String gpu;

    Scaled(String table, String gpu) {
      this.table = table;
      this.gpu = gpu;
    }
  }

  private ScaledTables() {}

  /** The names of all of them. */
  static List<String> names() {
    return Arrays.stream(Scaled.values()).map(scaled -> scaled.table).toList();
  }

  /**
   * @param name one of {@link #names()}
   * @param measured a table of a GPU whose peaks are known
   */
  static DeviceTable of(String name, DeviceTable measured) {
    String gpu =
        Arrays.stream(Scaled.values())
            .filter(scaled -> scaled.table.equals(name))
            .findFirst()
            .orElseThrow()
            .gpu;
    return scale(
        name,
        measured,
        PublishedPeaks.of(measured.gpu()).orElseThrow(),
        PublishedPeaks.of(gpu).orElseThrow());
  }

  private static DeviceTable scale(
      String name, DeviceTable measured, PublishedPeaks from, PublishedPeaks to) {
    return new DeviceTable(
        measured.schemaVersion(),
        name,
        to.gpu(),
        measured.kernel(),
        "Not measured: the table %s, scaled by published peaks. It was fitted to: %s"
            .formatted(measured.name(), measured.source()),
        measured.shapes().stream().map(shape -> scale(shape, from, to)).toList(),
        measured.otherDense().stream()
            .map(dense -> new DenseKernel(dense.kernel(), scale(dense.shape(), from, to)))
            .toList(),
        Optional.of(new NotMeasured(measured.name(), from, to)),
        Optional.empty());
  }

  private static KernelShape scale(KernelShape shape, PublishedPeaks from, PublishedPeaks to) {
    return new KernelShape(
        shape.headDim(),
        shape.tile(),
        scale(shape.constants(), from, to),
        shape.error(),
        shape.evidence());
  }

  private static KernelConstants scale(
      KernelConstants constants, PublishedPeaks from, PublishedPeaks to) {
    Occupancy occupancy = constants.occupancy();
    double load =
        constants.loadMicros() * from.memoryGigabytesPerSecond() / to.memoryGigabytesPerSecond();
    return new KernelConstants(
        new Occupancy(to.multiprocessors(), occupancy.blocksEach(), occupancy.aloneSpeedup()),
        constants.launchMicros(),
        constants.startMicros(),
        load,
        Math.min(
            load, constants.cachedLoadMicros() * from.multiprocessors() / to.multiprocessors()),
        constants.blockMicros() * from.gigabytesPerSecondEach() / to.gigabytesPerSecondEach(),
        constants.hiddenMicros() * from.gigabytesPerSecondEach() / to.gigabytesPerSecondEach(),
        constants.tileMicros() * from.teraflopsEach() / to.teraflopsEach(),
        constants.partialMicros() * from.teraflopsEach() / to.teraflopsEach(),
        constants.fullMicros() * from.gigabytesPerSecondEach() / to.gigabytesPerSecondEach(),
        constants.bidirectionalMicros() * from.teraflopsEach() / to.teraflopsEach());
  }
}
