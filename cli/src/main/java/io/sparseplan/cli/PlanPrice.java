package io.sparseplan.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * The attention time of a plan on a device.
 *
 * @param error of the device table on the rows that it was fitted to, in words
 */
record PlanPrice(
    String model,
    String device,
    String gpu,
    String error,
    int batch,
    @JsonProperty("not_measured") boolean notMeasured,
    List<String> warnings,
    @JsonProperty("by_length") List<AtLength> byLength) {
  /** Layers that the table names at each length. */
  private static final int COSTLIEST = 5;

  /** One length: all layers together, and each. */
  record AtLength(
      @JsonProperty("length_tokens") Tokens length,
      @JsonProperty("predicted_ms") double millis,
      List<Dense> dense,
      List<Layer> layers) {}

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

  /** Prices the plan's prefill patterns. */
  static PlanPrice of(Plan plan, DeviceTable table, Workload workload) {
    List<Pattern> patterns = plan.heads().stream().map(HeadDecision::prefill).distinct().toList();
    var pricer =
        new AttentionPricer(table, plan.model().attention(), plan.layout(), workload, patterns);
    int[] choice =
        plan.heads().stream().mapToInt(head -> patterns.indexOf(head.prefill())).toArray();
    return new PlanPrice(
        plan.model().name(),
        table.name(),
        table.gpu(),
        pricer.identity().errorLabel(),
        workload.batch(),
        table.notMeasured().isPresent(),
        pricer.warnings(),
        IntStream.range(0, workload.lengths().size())
            .mapToObj(n -> atLength(plan, pricer, workload.lengths().get(n).length(), n, choice))
            .toList());
  }

  private static AtLength atLength(
      Plan plan, AttentionPricer pricer, Tokens length, int lengthIndex, int[] choice) {
    int headsOfLayer = plan.model().attention().queryHeads().count();
    int layers = plan.model().layers().count();
    double[] millis =
        IntStream.range(0, layers)
            .mapToDouble(
                layer ->
                    pricer.layerMicros(
                            lengthIndex,
                            IntStream.range(layer * headsOfLayer, (layer + 1) * headsOfLayer)
                                .map(place -> choice[place])
                                .toArray())
                        / 1000)
            .toArray();
    double all = IntStream.range(0, layers).mapToDouble(layer -> millis[layer]).sum();
    var dense = new ArrayList<Dense>();
    for (DenseTime time : pricer.denseLayer(lengthIndex)) {
      dense.add(new Dense(time.kernel(), layers * time.millis(), layers * time.millis() / all));
    }
    return new AtLength(
        length,
        all,
        dense,
        IntStream.range(0, layers)
            .mapToObj(layer -> new Layer(layer, millis[layer], millis[layer] / all))
            .toList());
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
    line(text, "Attention of %s on %s (%s; %s), batch %d", model, device, gpu, error, batch);
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
    }
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
