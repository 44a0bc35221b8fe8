package io.sparseplan.costmodel.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DenseKernel;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.FitEvidence;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class DeviceTableFitterTest {
  private static final Map<String, DeviceTable> REFITS = new HashMap<>();

  private static List<MeasuredRow> allRows(String gpu) {
    return Stream.of("-flex-prefill", "-flex-prefill-more")
        .flatMap(rows -> Measurements.rows(gpu + rows).stream())
        .toList();
  }

  private static DeviceTable refit(String gpu) {
    return REFITS.computeIfAbsent(
        gpu,
        name ->
            new DeviceTableFitter(name + "-flex-attention", 132)
                .fit(
                    allRows(name).getFirst().gpu(),
                    Stream.of(name, name.equals("h100") ? "h200" : "h100")
                        .flatMap(rowsOf -> allRows(rowsOf).stream())
                        .toList()));
  }

  @ParameterizedTest
  @CsvSource({"h100", "h200"})
  void theShippedTableIsWhatItsMeasurementsGive(String gpu) {
    DeviceTable shipped = DeviceTable.resolve(gpu + "-flex-attention");
    assertSameToSixDigits("", json(unvalidated(shipped)), json(refit(gpu)));
    assertThat(shipped.validation().orElseThrow().rows()).isEqualTo(allRows(gpu).size());
  }

  @Test
  void theShippedTableOfTheProgramsOwnKernelIsWhatItsMeasurementsGive() {
    DeviceTable refitted =
        new DeviceTableFitter("h100-sparseplan", 132)
            .fit(Measurements.rows("h100-sparseplan-prefill"));
    assertSameToSixDigits(
        "", json(unvalidated(DeviceTable.resolve("h100-sparseplan"))), json(refitted));
    assertThat(refitted.shapes())
        .hasSize(4)
        .allSatisfy(shape -> assertThat(shape.error().meanPercent()).isLessThan(2.2));
  }

  /** Without what takes a fit for each fold; {@link CrossValidationTest} is about that. */
  private static DeviceTable unvalidated(DeviceTable table) {
    return new DeviceTable(
        table.schemaVersion(),
        table.name(),
        table.gpu(),
        table.kernel(),
        table.source(),
        table.shapes().stream().map(shape -> shape.withIntervals(Optional.empty())).toList(),
        table.otherDense());
  }

  @ParameterizedTest
  @CsvSource({"h100, 1.5, 2.1", "h200, 1.3, 1.9"})
  void theErrorOverAllRowsIsBelowThatOfIndependentSlots(
      String gpu, double mostMeanPercent, double independentSlotsMeanPercent) {
    List<KernelShape> shapes = refit(gpu).shapes();
    double rows = shapes.stream().mapToDouble(DeviceTableFitterTest::rows).sum();
    double mean =
        shapes.stream().mapToDouble(shape -> rows(shape) * shape.error().meanPercent()).sum()
            / rows;
    assertThat(rows).isEqualTo(allRows(gpu).stream().filter(row -> !ofTooFew(row)).count());
    assertThat(mean).isLessThan(mostMeanPercent).isLessThan(independentSlotsMeanPercent);
  }

  /** Five rows settle no constants. */
  private static boolean ofTooFew(MeasuredRow row) {
    return row.headDim().count() == 32 && row.tile().tokens() == 64;
  }

  @ParameterizedTest
  @CsvSource({
    "h100, 128, 128, 1.3, 3.6",
    "h100, 128, 64, 2.1, 5.3",
    "h100, 64, 128, 1.7, 4.3",
    "h100, 64, 64, 2.2, 4.8",
    "h100, 32, 128, 1.9, 6.8",
    "h200, 128, 128, 0.85, 2.3",
    "h200, 128, 64, 2.0, 6.3",
    "h200, 64, 128, 2.0, 4.9",
    "h200, 64, 64, 2.2, 4.4",
    "h200, 32, 128, 2.1, 6.9"
  })
  void everyShapeIsAsCloseAsStated(
      String gpu, int headDim, int tile, double mostMeanPercent, double mostP95Percent) {
    KernelShape shape = shape(refit(gpu), headDim, tile);
    assertThat(shape.error().meanPercent()).isLessThan(mostMeanPercent);
    assertThat(shape.error().p95Percent()).isLessThan(mostP95Percent);
  }

  @ParameterizedTest
  @CsvSource({"h100, 128, 3.1", "h100, 64, 1.5", "h200, 128, 3.4", "h200, 64, 1.4"})
  void theOtherDenseKernelIsAsCloseAsStated(String gpu, int headDim, double mostMeanPercent) {
    assertThat(refit(gpu).otherDense())
        .filteredOn(dense -> dense.shape().headDim().count() == headDim)
        .singleElement()
        .extracting(DenseKernel::shape)
        .satisfies(shape -> assertThat(shape.error().meanPercent()).isLessThan(mostMeanPercent));
  }

  @ParameterizedTest
  @CsvSource({"h100", "h200"})
  void timeInProportionToVisitedTilesIsTenTimesFurtherOff(String gpu) {
    List<MeasuredLaunch> launches = launches(gpu, 128, 128);
    double naive =
        LaunchAndTile.fit(
                launches.stream().mapToDouble(launch -> launch.row().tiles()).toArray(),
                launches.stream().mapToDouble(MeasuredLaunch::measuredMicros).toArray(),
                OptionalDouble.of(0))
            .meanError();
    assertThat(100 * naive).isGreaterThan(10 * shape(refit(gpu), 128, 128).error().meanPercent());
  }

  @ParameterizedTest
  @CsvSource({"128, 128, 1", "64, 128, 2", "128, 64, 2", "64, 64, 4", "32, 128, 2"})
  void smallKernelsShareAMultiprocessor(int headDim, int tile, int blocksEach) {
    for (String gpu : List.of("h100", "h200")) {
      assertThat(shape(refit(gpu), headDim, tile).constants().occupancy().blocksEach())
          .isEqualTo(blocksEach);
    }
  }

  @Test
  void findsTheConstantsThatMadeTheMeasurements() {
    for (Occupancy occupancy : List.of(Occupancy.single(132), Occupancy.paired(132, 1.4))) {
      var truth = new KernelConstants(occupancy, 2.5, 0, 4.4, 2, 0);
      KernelConstants found =
          new KernelFit(
                  madeBy(truth),
                  List.of(),
                  KernelFit.Detail.BLOCKS_AND_TILES,
                  OptionalDouble.empty())
              .best(List.of(Occupancy.single(132), Occupancy.paired(132, 1)));
      assertThat(found.occupancy().blocksEach()).isEqualTo(occupancy.blocksEach());
      assertThat(found.occupancy().aloneSpeedup())
          .isCloseTo(occupancy.aloneSpeedup(), within(0.05));
      assertThat(found.launchMicros()).isCloseTo(2.5, within(0.1));
      assertThat(found.blockMicros()).isCloseTo(4.4, within(0.1));
      assertThat(found.tileMicros()).isCloseTo(2, within(0.02));
    }
  }

  /** What a block and its two loops cost apart, these rows hardly tell: almost all have both. */
  @Test
  void findsPartialTilesGivenWhatALaunchCosts() {
    for (Occupancy occupancy : List.of(Occupancy.single(132), Occupancy.paired(132, 1.4))) {
      var truth = new KernelConstants(occupancy, 2.5, 0.008, 4.4, 2, 0.9);
      KernelConstants found =
          new KernelFit(
                  madeBy(truth),
                  List.of(),
                  KernelFit.Detail.STARTS_LOADS_AND_LOOPS,
                  OptionalDouble.of(2.5))
              .best(List.of(Occupancy.single(132), Occupancy.paired(132, 1)));
      assertThat(found.occupancy().blocksEach()).isEqualTo(occupancy.blocksEach());
      assertThat(found.launchMicros()).isEqualTo(2.5);
      assertThat(found.blockMicros() + found.partialMicros() + found.fullMicros())
          .isCloseTo(4.4 + 0.9, within(0.1));
      assertThat(found.tileMicros()).isCloseTo(2, within(0.02));
    }
  }

  private static MeasuredLaunches madeBy(KernelConstants truth) {
    return new MeasuredLaunches(
        launches("h100", 64, 128).stream()
            .map(
                launch ->
                    new MeasuredLaunch(launch.row(), launch.tiles(), launch.predictedMicros(truth)))
            .toList());
  }

  @Test
  void rowsOfTwoGpusAreRefused() {
    List<MeasuredRow> h100 = Measurements.rows("h100-flex-prefill").subList(0, 30);
    List<MeasuredRow> h200 = Measurements.rows("h200-flex-prefill").subList(0, 30);
    List<MeasuredRow> both = Stream.concat(h100.stream(), h200.stream()).toList();
    assertThatThrownBy(() -> new DeviceTableFitter("both", 132).fit(both))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("gpu (NVIDIA H100 80GB HBM3, NVIDIA H200)");
  }

  @Test
  void rowsOfAGpuOfAnotherChipCannotHelp() {
    List<MeasuredRow> h100 = Measurements.rows("h100-flex-prefill").subList(0, 30);
    for (String gpu : List.of("NVIDIA A100-SXM4-80GB", "Some GPU")) {
      List<MeasuredRow> both =
          Stream.concat(h100.stream(), h100.stream().map(row -> EditedRow.onGpu(gpu, row)))
              .toList();
      assertThatThrownBy(() -> new DeviceTableFitter("both", 132).fit(h100.getFirst().gpu(), both))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Rows of the GPU %s cannot help".formatted(gpu));
    }
  }

  /** But for its tile time, which follows the clock. */
  @Test
  void anotherGpuOfTheChipWithTheSameTimesChangesNothing() {
    List<MeasuredRow> rows = ofSmallKernel("h100").subList(0, 12);
    String here = rows.getFirst().gpu();
    List<MeasuredRow> slower =
        rows.stream()
            .map(
                row ->
                    EditedRow.withMillis(
                        EditedRow.onGpu("NVIDIA H200", row), 1.1 * row.medianMillis()))
            .toList();
    var fitter = new DeviceTableFitter("t", 132);
    List<KernelShape> alone = fitter.fit(rows).shapes();
    assertThat(fitter.fit(here, Stream.concat(rows.stream(), slower.stream()).toList()).shapes())
        .isEqualTo(alone);
  }

  @Test
  void rowsOfAnotherGpuSettleWhatAFewRowsDoNot() {
    List<MeasuredRow> few = everyThird(ofSmallKernel("h100"));
    List<MeasuredRow> others = ofSmallKernel("h200");
    var fitter = new DeviceTableFitter("t", 132);
    String here = few.getFirst().gpu();
    double alone = meanError(fitter.fit(few), ofSmallKernel("h100"));
    double helped =
        meanError(
            fitter.fit(here, Stream.concat(few.stream(), others.stream()).toList()),
            ofSmallKernel("h100"));
    assertThat(helped).isLessThan(0.9 * alone);
  }

  private static List<MeasuredRow> ofSmallKernel(String gpu) {
    return Measurements.rows(gpu + "-flex-prefill").stream()
        .filter(row -> row.headDim().count() == 64 && row.keyLength().count() <= 8192)
        .toList();
  }

  private static List<MeasuredRow> everyThird(List<MeasuredRow> rows) {
    return IntStream.range(0, rows.size()).filter(i -> i % 3 == 0).mapToObj(rows::get).toList();
  }

  private static double meanError(DeviceTable table, List<MeasuredRow> rows) {
    return CrossValidation.report("all", CrossValidation.predictions(table, rows)).mapePercent();
  }

  @Test
  void tooFewRowsAreRefused() {
    List<MeasuredRow> few = Measurements.rows("h100-flex-prefill").subList(0, 7);
    assertThatThrownBy(() -> new DeviceTableFitter("few", 132).fit(few))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("there are 7 in all");
  }

  @Test
  void decodeRowsAreLeftOut() {
    assertThatThrownBy(
            () -> new DeviceTableFitter("d", 132).fit(Measurements.rows("h200-flex-decode")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("there are 0 in all");
  }

  @Test
  void aRowThatCountsOtherTilesThanItsPatternsVisitIsRefused() {
    MeasuredRow row = Measurements.rows("h100-flex-prefill").getFirst();
    MeasuredRow other = EditedRow.withHeads(row, List.of(new MeasuredHead.Dense()));
    assertThatThrownBy(() -> MeasuredLaunch.ofBlockSparse(other))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tiles (%d)".formatted(row.tiles()))
        .hasMessageContaining("136");
  }

  private static List<MeasuredLaunch> launches(String gpu, int headDim, int tile) {
    return Measurements.rows(gpu + "-flex-prefill").stream()
        .filter(row -> row.headDim().count() == headDim && row.tile().tokens() == tile)
        .map(MeasuredLaunch::ofBlockSparse)
        .toList();
  }

  private static KernelShape shape(DeviceTable table, int headDim, int tile) {
    return table.shapes().stream()
        .filter(shape -> shape.headDim().count() == headDim && shape.tile().tokens() == tile)
        .findFirst()
        .orElseThrow();
  }

  private static int rows(KernelShape shape) {
    return shape.evidence().stream().mapToInt(FitEvidence::rows).sum();
  }

  private static JsonNode json(DeviceTable table) {
    return JsonFile.mapper().valueToTree(table);
  }

  private static void assertSameToSixDigits(String path, JsonNode shipped, JsonNode refitted) {
    if (shipped.isNumber() && refitted.isNumber()) {
      assertThat(shipped.doubleValue())
          .as(path)
          .isCloseTo(refitted.doubleValue(), within(1e-6 * Math.abs(refitted.doubleValue())));
    } else if (shipped.isContainer() && refitted.isContainer()) {
      assertThat(shipped.size()).as(path).isEqualTo(refitted.size());
      assertThat(shipped.propertyNames()).as(path).isEqualTo(refitted.propertyNames());
      for (String name : shipped.propertyNames()) {
        assertSameToSixDigits(path + "/" + name, shipped.get(name), refitted.get(name));
      }
      for (int i = 0; shipped.isArray() && i < shipped.size(); i++) {
        assertSameToSixDigits(path + "/" + i, shipped.get(i), refitted.get(i));
      }
    } else {
      assertThat(shipped).as(path).isEqualTo(refitted);
    }
  }
}
