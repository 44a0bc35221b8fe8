package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.DenseKernel;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.PublishedPeaks;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.plan.Phase;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes a device table from measured launches. The same rows give the same table. */
public final class DeviceTableFitter {
  /** PyTorch's scaled_dot_product_attention, whatever kernel it picks. */
  private static final String SDPA = "sdpa";

  /** A few more than the constants to fit: fewer rows would be reproduced without saying much. */
  static final int LEAST_ROWS = 8;

  /** A dense kernel has fewer constants, and its rows are few. */
  private static final int LEAST_DENSE_ROWS = 4;

  private final String tableName;
  private final int multiprocessors;

  /**
   * @param tableName of the table to make
   * @param multiprocessors of the measured GPU: 132 of an H100 SXM or an H200
   */
  public DeviceTableFitter(String tableName, int multiprocessors) {
    this.tableName = tableName;
    this.multiprocessors = multiprocessors;
  }

  /**
   * Fits each head_dim and tile that has at least 8 prefill rows, and PyTorch's own dense kernel
   * for each head_dim that has at least 4 rows with its time. Decode rows are left out.
   *
   * @throws BadInputException if the rows are of several GPUs or kernels, or too few of any shape
   */
  public DeviceTable fit(List<MeasuredRow> rows) {
    return fit(gpuOf(rows), rows);
  }

  /**
   * @throws BadInputException if the rows are of several GPUs
   */
  static String gpuOf(List<MeasuredRow> rows) {
    return common(rows, "gpu", MeasuredRow::gpu);
  }

  /**
   * Fits the same to the rows of one GPU, and where several blocks share a multiprocessor to those
   * of the others as well: what a block costs beside a tile is the same on all GPUs of a chip.
   * Errors and evidence are of the one GPU.
   *
   * @param gpu as its driver names it
   * @param rows of this GPU, and of others whose multiprocessors are the same
   * @throws BadInputException if the rows are of several kernels, or of other multiprocessors, or
   *     too few of any shape
   */
  public DeviceTable fit(String gpu, List<MeasuredRow> rows) {
    Map<Boolean, List<MeasuredRow>> isHere =
        prefill(rows).stream().collect(Collectors.partitioningBy(row -> row.gpu().equals(gpu)));
    List<MeasuredRow> prefill = isHere.get(true);
    List<MeasuredRow> elsewhere = isHere.get(false);
    List<String> otherGpus = elsewhere.stream().map(MeasuredRow::gpu).distinct().sorted().toList();
    otherGpus.forEach(other -> requireSameChip(gpu, other));
    List<KernelShape> shapes = shapes(prefill, elsewhere);
    if (shapes.isEmpty()) {
      throw new BadInputException(
          "No head_dim and tile has the %d prefill rows that a fit needs; there are %d in all."
              .formatted(LEAST_ROWS, prefill.size()),
          "measure more launches, of several lengths and patterns.");
    }
    return new DeviceTable(
        SchemaVersion.CURRENT,
        tableName,
        gpu,
        common(prefill(rows), "kernel", MeasuredRow::kernel),
        "%d prefill launches of %s in %s, timed by %s; constants with the smallest mean relative error%s."
            .formatted(
                prefill.size(),
                common(prefill, "torch", DeviceTableFitter::program),
                common(prefill, "dtype", MeasuredRow::dtype),
                common(prefill, "timing", MeasuredRow::timing),
                elsewhere.isEmpty()
                    ? ""
                    : ", where blocks share a multiprocessor with %d launches of %s"
                        .formatted(elsewhere.size(), String.join(", ", otherGpus))),
        shapes,
        denseShapes(prefill).stream().map(shape -> new DenseKernel(SDPA, shape)).toList());
  }

  private static List<MeasuredRow> prefill(List<MeasuredRow> rows) {
    return rows.stream().filter(row -> row.phase() == Phase.PREFILL).toList();
  }

  private static void requireSameChip(String gpu, String other) {
    boolean same =
        PublishedPeaks.of(gpu)
            .flatMap(here -> PublishedPeaks.of(other).filter(here::hasMultiprocessorsOf))
            .isPresent();
    if (!same) {
      throw new BadInputException(
          "Rows of the GPU %s cannot help to fit those of %s: its multiprocessors are not known to be the same."
              .formatted(other, gpu),
          "give each its own file, and fit each alone.");
    }
  }

  private List<KernelShape> shapes(List<MeasuredRow> prefill, List<MeasuredRow> elsewhere) {
    return ShapeFits.of(
        prefill,
        elsewhere,
        row -> new ShapeFits.Key(row.headDim(), row.tile()),
        MeasuredLaunch::ofBlockSparse,
        LEAST_ROWS,
        IntStream.rangeClosed(1, Occupancy.MOST_BLOCKS_EACH)
            .mapToObj(blocksEach -> new Occupancy(multiprocessors, blocksEach, 1))
            .toList(),
        KernelFit.Detail.STARTS_LOADS_AND_LOOPS);
  }

  private List<KernelShape> denseShapes(List<MeasuredRow> prefill) {
    return ShapeFits.of(
        prefill.stream().filter(row -> row.sdpaMedianMillis().isPresent()).toList(),
        List.of(),
        row -> new ShapeFits.Key(row.headDim(), TileSize.DEFAULT),
        row -> MeasuredLaunch.ofDense(row, TileSize.DEFAULT),
        LEAST_DENSE_ROWS,
        List.of(Occupancy.single(multiprocessors)),
        KernelFit.Detail.BLOCKS_AND_TILES);
  }

  private static String program(MeasuredRow row) {
    return row.torch().map(version -> "PyTorch " + version).orElse("this program's kernel");
  }

  private static String common(
      List<MeasuredRow> rows, String field, Function<MeasuredRow, String> value) {
    List<String> values = rows.stream().map(value).distinct().sorted().toList();
    if (values.size() != 1) {
      throw new BadInputException(
          "The rows have several values of %s (%s); a device table is of one."
              .formatted(field, String.join(", ", values)),
          "give each its own file.");
    }
    return values.getFirst();
  }
}
