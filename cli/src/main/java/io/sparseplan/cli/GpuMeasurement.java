package io.sparseplan.cli;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.gpu.Bf16;
import io.sparseplan.profiler.gpu.BlockSparsePrefill;
import io.sparseplan.profiler.gpu.ClockProbe;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuSession;
import io.sparseplan.profiler.gpu.GpuTileLists;
import io.sparseplan.profiler.gpu.LaunchTimer;
import io.sparseplan.profiler.gpu.PrefillBuffers;
import io.sparseplan.profiler.gpu.PrefillShape;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Times launches of this program's own block-sparse kernel. The rounds of all launches are
 * interleaved, so that a slow spell of the GPU falls on all of them.
 *
 * <p>A kernel that keeps the tensor cores busy runs at the GPU's power limit, where the clock
 * depends on what ran before: 1,480 to 2,050 MHz on one H100 within a minute. So each sample's time
 * is stated at one clock: the one that the GPU kept in the launch that visits the most tiles, as it
 * keeps it while it reads long prompts.
 */
final class GpuMeasurement implements AutoCloseable {
  private static final String KERNEL = "sparseplan_block_sparse";
  private static final String TIMING = "cuda-events at %.0f MHz";
  private static final String DTYPE = "bf16";
  private static final int ROUNDS = 3;
  private static final long SEED = 11;

  /** Finer than any two rounds agree. */
  private static final MathContext DIGITS = new MathContext(5);

  /** A prime, so that no two rows of an input are alike though it is filled with these over. */
  private static final int DISTINCT_INPUTS = 4_194_301;

  private final GpuSession session;
  private final PrefillBuffers buffers;
  private final ClockProbe clock;
  private final Map<KernelShape, BlockSparsePrefill> kernels = new HashMap<>();
  private final List<Timed> timed = new ArrayList<>();

  private record KernelShape(HeadDim headDim, TileSize tile) {}

  /** A launch, its tile lists, and what was measured of it up to now. */
  private record Timed(
      Launch launch,
      GpuTileLists lists,
      long tiles,
      LaunchTimer timer,
      List<List<LaunchTimer.Sample>> rounds) {
    /** In multiply-adds of one of the two products. */
    long work() {
      long tile = launch.tile().tokens();
      return tiles * launch.batch() * tile * tile * launch.attention().headDim().count();
    }

    Stream<LaunchTimer.Sample> samples() {
      return rounds.stream().flatMap(List::stream);
    }

    /** By round. */
    List<Double> medians(ToDoubleFunction<LaunchTimer.Sample> value) {
      return rounds.stream()
          .map(round -> rounded(median(round.stream().mapToDouble(value))))
          .toList();
    }
  }

  private GpuMeasurement(GpuSession session, List<Launch> launches) {
    this.session = session;
    this.buffers =
        PrefillBuffers.allocate(
            session, launches.stream().map(GpuMeasurement::shape).distinct().toList());
    this.clock = ClockProbe.load(session);
    var random = new SplittableRandom(SEED);
    buffers.queries().uploadRepeated(Bf16.normal(DISTINCT_INPUTS, random));
    buffers.keys().uploadRepeated(Bf16.normal(DISTINCT_INPUTS, random));
    buffers.values().uploadRepeated(Bf16.normal(DISTINCT_INPUTS, random));
  }

  /**
   * A measured launch, its times at the common clock.
   *
   * @param roundMedianMillis the median times of its rounds as they were
   * @param megahertz the median clocks of its rounds
   */
  record Row(MeasuredRow row, List<Double> roundMedianMillis, List<Double> megahertz) {
    private ObjectNode json() {
      ObjectNode json = JsonFile.mapper().valueToTree(row);
      json.set("round_median_ms", JsonFile.mapper().valueToTree(roundMedianMillis));
      json.set("sm_mhz", JsonFile.mapper().valueToTree(megahertz));
      return json;
    }
  }

  /**
   * @param launches all prefills, in this order
   */
  static List<Row> measure(Gpu gpu, List<Launch> launches, Progress progress) {
    try (GpuSession session = GpuSession.open(gpu);
        var measurement = new GpuMeasurement(session, launches)) {
      return measurement.rows(launches, progress);
    }
  }

  /** Writes the rows as {@code --rows} reads them, whole or not at all. */
  static void write(Path file, List<Row> rows) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          for (Row row : rows) {
            out.write((row.json() + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  private List<Row> rows(List<Launch> launches, Progress progress) {
    int steps = launches.size() * (1 + ROUNDS);
    int done = 0;
    for (Launch launch : launches) {
      timed.add(prepared(launch));
      progress.at(++done, steps);
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Timed each : timed) {
        each.rounds().add(each.timer().round());
        progress.at(++done, steps);
      }
    }
    double commonMegahertz =
        timed.stream()
            .max(Comparator.comparingLong(Timed::work))
            .map(each -> median(each.samples().mapToDouble(LaunchTimer.Sample::megahertz)))
            .orElseThrow();
    return timed.stream()
        .map(
            each ->
                new Row(
                    row(each, commonMegahertz),
                    each.medians(LaunchTimer.Sample::millis),
                    each.medians(LaunchTimer.Sample::megahertz)))
        .toList();
  }

  private Timed prepared(Launch launch) {
    PrefillShape shape = shape(launch);
    Map<MeasuredHead, TileLists> distinct = new HashMap<>();
    List<TileLists> heads =
        launch.heads().stream()
            .map(head -> distinct.computeIfAbsent(head, pattern -> pattern.on(launch.grid())))
            .toList();
    GpuTileLists lists = GpuTileLists.upload(session, heads);
    BlockSparsePrefill kernel =
        kernels.computeIfAbsent(
            new KernelShape(launch.attention().headDim(), launch.tile()),
            key -> BlockSparsePrefill.load(session, key.headDim(), key.tile()));
    return new Timed(
        launch,
        lists,
        heads.stream().mapToLong(TileLists::total).sum(),
        new LaunchTimer(kernel.prepare(shape, buffers, lists), clock),
        new ArrayList<>());
  }

  private static PrefillShape shape(Launch launch) {
    return new PrefillShape(launch.batch(), launch.attention(), launch.grid());
  }

  private MeasuredRow row(Timed each, double commonMegahertz) {
    double[] millis =
        each.samples().mapToDouble(sample -> sample.millisAt(commonMegahertz)).toArray();
    Launch launch = each.launch();
    return new MeasuredRow(
        session.gpu().name(),
        KERNEL,
        Optional.empty(),
        TIMING.formatted(commonMegahertz),
        launch.phase(),
        DTYPE,
        launch.batch(),
        launch.attention().queryHeads(),
        launch.attention().kvHeads(),
        launch.attention().headDim(),
        launch.length(),
        launch.length(),
        launch.tile(),
        launch.visibility() == Visibility.CAUSAL,
        launch.heads(),
        each.tiles(),
        rounded(median(Arrays.stream(millis))),
        rounded(Arrays.stream(millis).min().orElseThrow()),
        Optional.empty(),
        Optional.empty());
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }

  @Override
  public void close() {
    timed.forEach(each -> each.lists().close());
    kernels.values().forEach(BlockSparsePrefill::close);
    clock.close();
    buffers.close();
  }
}
