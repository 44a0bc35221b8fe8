package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Fits every shape of one kernel on one GPU. What a launch costs does not depend on the shape: it
 * is fitted to the shape with the most rows, and given to the others, whose few rows would not
 * settle it.
 */
final class ShapeFits {
  /** What a kernel is compiled for; the larger come first. */
  record Key(HeadDim headDim, TileSize tile) implements Comparable<Key> {
    private static final Comparator<Key> LARGER_FIRST =
        Comparator.<Key>comparingInt(key -> -key.headDim.count())
            .thenComparingInt(key -> -key.tile.tokens());

    @Override
    public int compareTo(Key other) {
      return LARGER_FIRST.compare(this, other);
    }
  }

  private ShapeFits() {}

  /**
   * @param rowsElsewhere measured on other GPUs of the same chip, see {@link KernelFit}
   * @param leastRows shapes with fewer rows are left out
   * @param occupancies of which each shape gets the one that fits it best, see {@link KernelFit}
   * @param detail which constants each shape gets
   * @return the shapes in the order of their keys
   */
  static List<KernelShape> of(
      List<MeasuredRow> rows,
      List<MeasuredRow> rowsElsewhere,
      Function<MeasuredRow, Key> key,
      Function<MeasuredRow, MeasuredLaunch> launch,
      int leastRows,
      List<Occupancy> occupancies,
      KernelFit.Detail detail) {
    Map<Key, List<MeasuredRow>> rowsOfShape =
        rows.stream().collect(Collectors.groupingBy(key, TreeMap::new, Collectors.toList()));
    List<Key> mostRowsFirst = new ArrayList<>(rowsOfShape.keySet());
    mostRowsFirst.removeIf(shape -> rowsOfShape.get(shape).size() < leastRows);
    mostRowsFirst.sort(Comparator.comparingInt(shape -> -rowsOfShape.get(shape).size()));

    var shapes = new TreeMap<Key, KernelShape>();
    OptionalDouble launchMicros = OptionalDouble.empty();
    for (Key shape : mostRowsFirst) {
      MeasuredLaunches launches = launches(rowsOfShape.get(shape), launch);
      List<MeasuredLaunches> elsewhere =
          rowsElsewhere.stream()
              .filter(row -> key.apply(row).equals(shape))
              .collect(Collectors.groupingBy(MeasuredRow::gpu, TreeMap::new, Collectors.toList()))
              .values()
              .stream()
              .map(ofGpu -> launches(ofGpu, launch))
              .toList();
      KernelConstants constants =
          new KernelFit(launches, elsewhere, detail, launchMicros).best(occupancies);
      launchMicros = OptionalDouble.of(constants.launchMicros());
      shapes.put(
          shape,
          new KernelShape(
              shape.headDim,
              shape.tile,
              constants,
              launches.error(constants),
              launches.evidence(constants)));
    }
    return List.copyOf(shapes.values());
  }

  private static MeasuredLaunches launches(
      List<MeasuredRow> rows, Function<MeasuredRow, MeasuredLaunch> launch) {
    return new MeasuredLaunches(rows.stream().map(launch).toList());
  }
}
