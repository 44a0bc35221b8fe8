package io.sparseplan.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.costmodel.DecodePlanPricer;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.PlanPricer;
import io.sparseplan.costmodel.PlanTime;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.DenseWins;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.SelectedTiles;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * The attention time of a plan on a device.
 *
 * @param runtime what runs the plan; the kernel of a decode step
 * @param error of the device table on the rows that it was fitted to, in words
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record PlanPrice(
    String model,
    String device,
    String gpu,
    String runtime,
    Phase phase,
    String error,
    int batch,
    @JsonProperty("not_measured") boolean notMeasured,
    List<String> warnings,
    @JsonProperty("dense_wins") Optional<DenseWins> denseWins,
    @JsonProperty("by_length") List<AtLength> byLength) {
  /** Layers that the table names at each length. */
  private static final int COSTLIEST = 5;

  private static final double BYTES_OF_MEBIBYTE = 1 << 20;

  /** One length: all layers together, and each. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record AtLength(
      @JsonProperty("length_tokens") Tokens length,
      @JsonProperty("predicted_ms") double millis,
      List<Dense> dense,
      @JsonProperty("kv_cache") Optional<KvCache> kvCache,
      List<Layer> layers) {}

  /**
   * What a decode step reads of the cache: keys and values of all sequences, in bytes.
   *
   * @param ratio to a dense cache
   * @param byHead of each layer, then of each KV head
   */
  record KvCache(
      long bytes,
      @JsonProperty("dense_bytes") long denseBytes,
      double ratio,
      @JsonProperty("bytes_by_head") long[][] byHead) {}

  /**
   * A dense kernel on all layers.
   *
   * @param speedUp its time ÷ the plan's
   */
  record Dense(
      String kernel,
      @JsonProperty("predicted_ms") double millis,
      @JsonProperty("speed_up") double speedUp) {}

  /**
   * @param share of the plan's time at this length, 0..1
   */
  record Layer(int layer, @JsonProperty("predicted_ms") double millis, double share) {}

  /**
   * Prices the plan's prefill patterns; dense at lengths for which it is not vouched.
   *
   * @param tiles that selected patterns among them visit
   */
  static PlanPrice ofPrefill(
      HeadPlan plan,
      DeviceTable table,
      AttentionRuntime runtime,
      Workload workload,
      SelectedTiles tiles) {
    return atEachLength(
        plan, workload, (runs, lengths) -> prefillAsItRuns(runs, table, runtime, lengths, tiles));
  }

  /** Prices lengths that run patterns and lengths that run dense apart, and puts them together. */
  private static PlanPrice atEachLength(
      HeadPlan plan, Workload workload, BiFunction<HeadPlan, Workload, PlanPrice> pricing) {
    Map<Boolean, List<Workload.Entry>> byDense =
        workload.lengths().stream()
            .collect(
                Collectors.partitioningBy(
                    entry ->
                        plan.vouched()
                            .map(vouched -> vouched.isDenseAt(entry.length()))
                            .orElse(false)));
    List<PlanPrice> prices =
        byDense.values().stream()
            .filter(entries -> !entries.isEmpty())
            .map(
                entries ->
                    pricing.apply(
                        plan.at(entries.getFirst().length()),
                        new Workload(workload.phase(), workload.batch(), entries)))
            .toList();
    PlanPrice first = prices.getFirst();
    List<Tokens> dense = byDense.get(true).stream().map(Workload.Entry::length).toList();
    if (dense.isEmpty()) {
      return first;
    }
    var warnings = new LinkedHashSet<String>();
    prices.forEach(price -> warnings.addAll(price.warnings()));
    warnings.add(VouchedText.denseAt(dense, plan.vouched().orElseThrow()));
    List<AtLength> byLength = prices.stream().flatMap(price -> price.byLength().stream()).toList();
    return new PlanPrice(
        first.model(),
        first.device(),
        first.gpu(),
        first.runtime(),
        first.phase(),
        first.error(),
        first.batch(),
        first.notMeasured(),
        List.copyOf(warnings),
        prices.size() == 1 ? Optional.empty() : first.denseWins(),
        workload.lengths().stream()
            .map(
                entry ->
                    byLength.stream()
                        .filter(at -> at.length().equals(entry.length()))
                        .findFirst()
                        .orElseThrow())
            .toList());
  }

  private static PlanPrice prefillAsItRuns(
      HeadPlan plan,
      DeviceTable table,
      AttentionRuntime runtime,
      Workload workload,
      SelectedTiles tiles) {
    var pricer =
        new PlanPricer(
            table,
            runtime,
            plan.model(),
            plan.layout(),
            plan.heads().stream().map(PlannedHead::prefill).toList(),
            tiles);
    PlanTime time = pricer.of(workload);
    return new PlanPrice(
        plan.model().name(),
        table.name(),
        table.gpu(),
        runtime.name(),
        Phase.PREFILL,
        time.identity().errorLabel(),
        workload.batch(),
        table.notMeasured().isPresent(),
        time.warnings(),
        Optional.of(pricer.denseWins(workload, plan.vouched().flatMap(Vouched::longestSparse))),
        IntStream.range(0, workload.lengths().size())
            .mapToObj(n -> atLength(workload.lengths().get(n).length(), time, n))
            .toList());
  }

  private static AtLength atLength(Tokens length, PlanTime time, int lengthIndex) {
    double all = time.millis(lengthIndex);
    double[] layerMicros = time.layerMicros()[lengthIndex];
    return new AtLength(
        length,
        all,
        time.dense(lengthIndex).stream()
            .map(dense -> new Dense(dense.kernel(), dense.millis(), dense.millis() / all))
            .toList(),
        Optional.empty(),
        layers(layerMicros, all));
  }

  private static List<Layer> layers(double[] layerMicros, double allMillis) {
    return IntStream.range(0, layerMicros.length)
        .mapToObj(
            layer ->
                new Layer(layer, layerMicros[layer] / 1000, layerMicros[layer] / 1000 / allMillis))
        .toList();
  }

  /** Prices one decode step of the plan's decode patterns, or its prefill patterns where none. */
  static PlanPrice ofDecode(HeadPlan plan, SplitKvTable table, Workload workload) {
    return atEachLength(plan, workload, (runs, lengths) -> decodeAsItRuns(runs, table, lengths));
  }

  private static PlanPrice decodeAsItRuns(HeadPlan plan, SplitKvTable table, Workload workload) {
    DecodePlanPricer.Times times =
        new DecodePlanPricer(
                table,
                plan.model(),
                plan.layout(),
                plan.heads().stream().map(PlannedHead::decodeOrPrefill).toList())
            .of(workload);
    return new PlanPrice(
        plan.model().name(),
        table.name(),
        table.gpu(),
        table.kernel(),
        Phase.DECODE,
        String.format(Locale.ROOT, "mean error %.1f %%", table.crossValidated().meanPercent()),
        workload.batch(),
        false,
        times.warnings(),
        Optional.empty(),
        IntStream.range(0, workload.lengths().size())
            .mapToObj(n -> step(table, workload.lengths().get(n).length(), times, n))
            .toList());
  }

  private static AtLength step(
      SplitKvTable table, Tokens length, DecodePlanPricer.Times times, int lengthIndex) {
    double[] layerMicros = times.layerMicros()[lengthIndex];
    double all = Arrays.stream(layerMicros).sum() / 1000;
    double dense = times.denseMicros()[lengthIndex] / 1000;
    long[][] bytes = times.readBytes()[lengthIndex];
    long allBytes = Arrays.stream(bytes).flatMapToLong(Arrays::stream).sum();
    long denseBytes = times.denseCacheBytes()[lengthIndex];
    return new AtLength(
        length,
        all,
        List.of(new Dense(table.kernel(), dense, dense / all)),
        Optional.of(new KvCache(allBytes, denseBytes, (double) allBytes / denseBytes, bytes)),
        layers(layerMicros, all));
  }

  String json() {
    return JsonFile.pretty(this) + "\n";
  }

  /** One row a length and layer. */
  String csv() throws IOException {
    var text = new StringBuilder();
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setHeader("length_tokens", "layer", "predicted_ms", "share")
            .get();
    var printer = new CSVPrinter(text, format);
    for (AtLength at : byLength) {
      for (Layer layer : at.layers) {
        printer.printRecord(at.length, layer.layer, layer.millis, layer.share);
      }
    }
    printer.flush();
    return text.toString();
  }

  String table() {
    var text = new StringBuilder();
    line(
        text,
        "Attention (%s) of %s on %s (%s; %s), run by %s, batch %d",
        phase.name().toLowerCase(Locale.ROOT),
        model,
        device,
        gpu,
        error,
        runtime,
        batch);
    for (AtLength at : byLength) {
      line(
          text,
          "%7s tokens  %.4f ms; %s",
          at.length,
          at.millis,
          at.dense.stream()
              .map(
                  dense ->
                      String.format(
                          Locale.ROOT,
                          "dense %s %.4f ms (%.2f×)",
                          dense.kernel,
                          dense.millis,
                          dense.speedUp))
              .collect(Collectors.joining(", ")));
      line(text, "                costliest: %s", costliest(at));
      at.kvCache.ifPresent(
          cache ->
              line(
                  text,
                  "                KV cache read %.2f MiB, %.3f of dense",
                  cache.bytes / BYTES_OF_MEBIBYTE,
                  cache.ratio));
    }
    denseWins.map(DenseWinsText::of).ifPresent(wins -> line(text, "%s", wins));
    warnings.forEach(warning -> line(text, "Warning  %s", warning));
    return text.toString();
  }

  private static String costliest(AtLength at) {
    return at.layers.stream()
        .sorted(Comparator.comparingDouble(Layer::millis).reversed())
        .limit(COSTLIEST)
        .map(
            layer ->
                String.format(
                    Locale.ROOT,
                    "L%d %.4f ms (%.1f %%)",
                    layer.layer,
                    layer.millis,
                    100 * layer.share))
        .collect(Collectors.joining(", "));
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
