package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Prices of rows and plans, and tables fitted to rows, from the command line. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PriceTest {
  private static final Path MEASUREMENTS =
      Path.of("..", "costmodel", "src", "test", "resources")
          .resolve(Path.of("io", "sparseplan", "costmodel", "measurements"));

  private static final Path PREFILL = MEASUREMENTS.resolve("h100-flex-prefill.jsonl.gz");
  private static final Path DECODE = MEASUREMENTS.resolve("h100-flex-decode.jsonl.gz");

  @TempDir static Path directory;
  private Path plan;

  @BeforeAll
  void makePlan() {
    Path output = directory.resolve("tuned");
    CommandRun.of(
            "tune",
            CommandRun.LLAMA_1M,
            "--max-time",
            "0.8",
            "--lengths=1024",
            "--limit-per-length=1",
            "-o",
            output)
        .succeeded();
    plan = output.resolve("plan.json");
  }

  private static List<String> lines(Path zipped) throws IOException {
    try (var in = new GZIPInputStream(Files.newInputStream(zipped))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static JsonNode json(String text) {
    return JsonFile.mapper().readTree(text);
  }

  private static JsonNode prices(Path rows) {
    return json(CommandRun.of("price", "--rows", rows, "--format", "json").succeeded().out());
  }

  @Test
  void rowsAreAJsonArrayInTheirOrder() throws IOException {
    List<String> lines = lines(PREFILL);
    JsonNode prices = prices(PREFILL);
    assertThat(prices.isArray()).isTrue();
    assertThat(prices.size()).isEqualTo(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      JsonNode row = json(lines.get(i));
      JsonNode price = prices.get(i);
      double measured = row.get("median_ms").doubleValue();
      assertThat(price.get("measured_ms").doubleValue()).isEqualTo(measured);
      assertThat(price.get("predicted_ms").doubleValue())
          .isCloseTo(measured, within(0.25 * measured));
      assertThat(price.get("in_range").booleanValue()).isTrue();
      assertThat(price.has("sdpa_measured_ms")).isEqualTo(row.has("sdpa_median_ms"));
    }
  }

  @Test
  void csvRowsArePricedLikeJsonRowsAndTimesAreNotNeeded() throws IOException {
    List<JsonNode> rows = lines(PREFILL).stream().limit(40).map(PriceTest::json).toList();
    Path withTimes = Files.writeString(directory.resolve("rows.csv"), csv(rows));
    rows.forEach(
        row -> ((ObjectNode) row).remove(List.of("median_ms", "min_ms", "sdpa_median_ms")));
    Path without = Files.writeString(directory.resolve("without.csv"), csv(rows));
    JsonNode all = prices(PREFILL);
    JsonNode timed = prices(withTimes);
    JsonNode untimed = prices(without);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(timed.get(i).get("predicted_ms")).isEqualTo(all.get(i).get("predicted_ms"));
      assertThat(untimed.get(i).get("predicted_ms")).isEqualTo(all.get(i).get("predicted_ms"));
      assertThat(untimed.get(i).has("measured_ms")).isFalse();
    }
    assertThat(CommandRun.of("price", "--rows", without).succeeded().out())
        .doesNotContain("mean %");
  }

  /** As Python's csv.DictWriter writes it: heads as JSON, True and False, empty where missing. */
  private static String csv(List<JsonNode> rows) throws IOException {
    Set<String> columns = new LinkedHashSet<>();
    rows.forEach(row -> columns.addAll(row.propertyNames()));
    var text = new StringWriter();
    var printer = new CSVPrinter(text, CSVFormat.RFC4180);
    printer.printRecord(columns);
    for (JsonNode row : rows) {
      for (String column : columns) {
        JsonNode value = row.path(column);
        printer.print(
            switch (value.getNodeType()) {
              case MISSING -> "";
              case BOOLEAN -> value.booleanValue() ? "True" : "False";
              case STRING -> value.stringValue();
              default -> value.toString();
            });
      }
      printer.println();
    }
    return text.toString();
  }

  @Test
  void theTableStatesErrorsByGroupAndWhatIsOrderedWrongly() {
    assertThat(CommandRun.of("price", "--rows", PREFILL).succeeded().out())
        .contains("prefill, head_dim 64, tile 128, not causal")
        .contains("prefill, all")
        .contains("dense sdpa, head_dim 128")
        .contains("Kendall's tau");
  }

  @ParameterizedTest
  @ValueSource(strings = {"density", "flops-roofline", "max-row-density", "worst-tile"})
  void thePeersProxiesCanBeAskedToo(String model) {
    assertThat(CommandRun.of("price", "--rows", PREFILL, "--model", model).succeeded().out())
        .contains("Predicted by " + model)
        .contains("Kendall's tau");
  }

  @Test
  void csvOutputHasOneLineARow() throws IOException {
    String out = CommandRun.of("price", "--rows", DECODE, "--format", "csv").succeeded().out();
    try (CSVParser parser =
        CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(new StringReader(out))) {
      List<CSVRecord> records = parser.getRecords();
      assertThat(records).hasSize(lines(DECODE).size());
      assertThat(records).allMatch(record -> record.get("in_range").equals("false"));
      assertThat(records).allMatch(record -> record.get("why").contains("decode"));
    }
  }

  @Test
  void aPlanCostsWhatItPredictedItself() {
    Prediction.AtLength predicted = Plan.read(plan).predicted().byLength().getFirst();
    JsonNode price = json(CommandRun.of("price", plan, "--format", "json").succeeded().out());
    JsonNode at = price.path("by_length").get(0);
    assertThat(at.path("length_tokens").intValue()).isEqualTo(1024);
    assertThat(at.path("predicted_ms").doubleValue())
        .isCloseTo(predicted.time().planMillis(), within(1e-9));
    assertThat(at.path("dense").get(0).path("predicted_ms").doubleValue())
        .isCloseTo(predicted.time().dense().getFirst().millis(), within(1e-9));
    double layers = 0;
    for (JsonNode layer : at.path("layers")) {
      layers += layer.path("predicted_ms").doubleValue();
    }
    assertThat(layers).isCloseTo(at.path("predicted_ms").doubleValue(), within(1e-9));
    assertThat(price.path("not_measured").booleanValue()).isFalse();
  }

  @Test
  void aPlanIsPricedAtOtherLengthsBatchesAndGpus() {
    String out =
        CommandRun.of(
                "price", plan, "--length=4096,8192", "--batch=2", "--device", "b200-flex-attention")
            .succeeded()
            .out();
    assertThat(out)
        .contains("batch 2")
        .contains("4096 tokens")
        .contains("8192 tokens")
        .contains("dense flex_attention")
        .contains("costliest: L")
        .contains("; not measured on this GPU)")
        .contains("Warning  Not measured on this GPU");
    assertThat(CommandRun.of("price", plan, "--format", "csv").succeeded().out().lines())
        .hasSize(1 + Plan.read(plan).model().layers().count());
  }

  @Test
  void decodeStepsArePricedRowByRowInEveryFormat() throws IOException {
    Path steps = MEASUREMENTS.resolve("h100-split-decode.jsonl.gz");
    JsonNode prices = prices(steps);
    List<String> lines = lines(steps);
    assertThat(prices.size()).isEqualTo(lines.size());
    double errors = 0;
    for (int i = 0; i < lines.size(); i++) {
      double measured = json(lines.get(i)).get("median_ms").doubleValue();
      assertThat(prices.get(i).get("measured_ms").doubleValue()).isEqualTo(measured);
      assertThat(prices.get(i).get("in_range").booleanValue()).isTrue();
      errors += Math.abs(prices.get(i).get("predicted_ms").doubleValue() / measured - 1);
    }
    assertThat(errors / lines.size()).isLessThan(0.06);
    assertThat(CommandRun.of("price", "--rows", steps).succeeded().out())
        .contains("the decode table h100-split-decode")
        .contains("head_dim 64, 3 query heads a KV head, tile 128")
        .contains("split-KV decode, all");
    assertThat(
            CommandRun.of("price", "--rows", steps, "--device=h200-split-decode", "--format=csv")
                .succeeded()
                .out()
                .lines())
        .hasSize(1 + lines.size());
    CommandRun.of("price", "--rows", steps, "--device", "b200-flex-attention")
        .failed(ExitCode.BAD_INPUT, "h100-split-decode");
    String broken = lines.get(1).replaceFirst("\"chunks\": [0-9]+", "\"chunks\": 7");
    Path file = Files.write(directory.resolve("steps.jsonl"), List.of(lines.get(0), broken));
    CommandRun.of("price", "--rows", file).failed(ExitCode.BAD_INPUT, "line 2");
  }

  @Test
  void aPlansDecodeIsPricedWithItsCache() {
    JsonNode price =
        json(
            CommandRun.of(
                    "price", plan, "--phase=decode", "--batch=4", "--length=8192", "--format=json")
                .succeeded()
                .out());
    JsonNode at = price.path("by_length").get(0);
    JsonNode cache = at.path("kv_cache");
    Plan read = Plan.read(plan);
    var attention = read.model().attention();
    int layers = read.model().layers().count();
    assertThat(cache.path("dense_bytes").longValue())
        .isEqualTo(
            4L * layers * attention.kvHeads().count() * 8192 * attention.headDim().count() * 4);
    long bytes = 0;
    for (JsonNode layer : cache.path("bytes_by_head")) {
      assertThat(layer.size()).isEqualTo(attention.kvHeads().count());
      for (JsonNode head : layer) {
        bytes += head.longValue();
      }
    }
    assertThat(cache.path("bytes").longValue()).isEqualTo(bytes);
    assertThat(at.path("predicted_ms").doubleValue()).isPositive();
    assertThat(at.path("dense").get(0).path("kernel").stringValue())
        .isEqualTo("sparseplan_split_decode");
    assertThat(CommandRun.of("price", plan, "--phase", "decode").succeeded().out())
        .contains("Attention (decode)")
        .contains("KV cache read");
  }

  @Test
  void aPlanOfABidirectionalModelIsPricedAsOne() throws IOException {
    var both = (ObjectNode) json(Files.readString(plan));
    ((ObjectNode) both.get("layout")).put("visibility", "BIDIRECTIONAL");
    Path video = Files.writeString(directory.resolve("video.json"), both.toString());
    double causal = millis(plan, "--length=8192");
    assertThat(millis(video, "--length=8192")).isGreaterThan(1.2 * causal);
    assertThat(millis(video, "--length=8192", "--target=natten"))
        .as("tokens are permuted")
        .isGreaterThan(millis(video, "--length=8192", "--target=sparseplan"));
    CommandRun.of("price", video, "--phase", "decode").failed(ExitCode.USAGE, "bidirectional");
  }

  private static double millis(Path plan, String... options) {
    Object[] arguments = new Object[options.length + 4];
    arguments[0] = "price";
    arguments[1] = plan;
    arguments[2] = "--format";
    arguments[3] = "json";
    System.arraycopy(options, 0, arguments, 4, options.length);
    return json(CommandRun.of(arguments).succeeded().out())
        .path("by_length")
        .get(0)
        .path("predicted_ms")
        .doubleValue();
  }

  @Test
  void aTargetSetsTheRulesAndFlagsOverrideThem() {
    Path profile = plan.resolveSibling("model.profile");
    Path made = directory.resolve("target.json");
    String[] search = {"search", profile.toString(), "--max-time=0.9", "-o", made.toString()};
    assertThat(CommandRun.of(with(search, "--target=moa")).succeeded().out())
        .contains("Dense is faster");
    Plan moa = Plan.read(made);
    assertThat(moa.device().runtime()).isEqualTo("moa");
    assertThat(moa.goal().rules().maxPatternsPerLayer()).contains(new MaxPatterns(2));
    assertThat(moa.goal().rules().granularity()).isEqualTo(HeadAxis.QUERY_HEAD);
    assertThat(moa.warnings()).anyMatch(warning -> warning.contains("moa_kernel"));
    assertThat(CommandRun.of("price", made).succeeded().out()).contains("run by moa");
    CommandRun.of(with(search, "--target=flashinfer", "--max-patterns-per-layer=3")).succeeded();
    Plan flashinfer = Plan.read(made);
    assertThat(flashinfer.model().headAxis()).isEqualTo(HeadAxis.KV_HEAD);
    assertThat(flashinfer.goal().rules().maxPatternsPerLayer()).contains(new MaxPatterns(3));
    CommandRun.of(with(search, "--target=duo-attention", "--granularity=q_head")).succeeded();
    assertThat(Plan.read(made).goal().rules().granularity()).isEqualTo(HeadAxis.QUERY_HEAD);
    CommandRun.of(with(search, "--target=vllm")).failed(ExitCode.BAD_INPUT, "flex-attention");
    assertThat(CommandRun.of("show", "runtimes").succeeded().out())
        .contains("moa  ", "at most 2 patterns a layer", "flashinfer  ", "a mask a KV head");
  }

  private static Object[] with(String[] arguments, String... more) {
    return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray();
  }

  @Test
  void calibrateFitsDecodeStepsToo() {
    Path table = directory.resolve("decode.json");
    assertThat(
            CommandRun.of(
                    "calibrate",
                    "--rows",
                    MEASUREMENTS.resolve("h200-split-decode.jsonl.gz"),
                    "-o",
                    table)
                .succeeded()
                .out())
        .contains("split-KV decode, all")
        .contains("On rows held out of the fit, 5 folds");
    assertThat(SplitKvTable.resolve(table.toString()).kernels())
        .isEqualTo(SplitKvTable.shipped("h200-split-decode").kernels());
  }

  @Test
  void aPlanMadeForAGpuThatNobodyMeasuredSaysSo() {
    Path profile = plan.resolveSibling("model.profile");
    Path other = directory.resolve("a100.json");
    String out =
        CommandRun.of(
                "search",
                profile,
                "--max-time",
                "0.8",
                "--device",
                "a100-flex-attention",
                "-o",
                other)
            .succeeded()
            .out();
    assertThat(out)
        .contains("a100-flex-attention (not measured on this GPU)")
        .contains("Not measured on this GPU: the times of NVIDIA A100-SXM4-80GB");
    Plan written = Plan.read(other);
    assertThat(written.device().notMeasured()).isTrue();
    assertThat(written.warnings())
        .anyMatch(warning -> warning.startsWith("Not measured on this GPU"));
    assertThat(Plan.read(plan).device().notMeasured()).isFalse();
  }

  @Test
  void wrongQuestionsAreUsageErrors() {
    Path table = directory.resolve("t.json");
    Object[][] wrong = {
      {"price"},
      {"price", plan, "--rows", PREFILL},
      {"price", plan, "--length", "2147483647"},
      {"price", plan, "--length", "0"},
      {"price", plan, "--batch", "0"},
      {"price", plan, "--batch", "2147483647"},
      {"price", plan, "--model", "density"},
      {"price", plan, "--phase", "decode", "--target", "moa"},
      {"price", "--rows", PREFILL, "--phase", "decode"},
      {"price", "--rows", MEASUREMENTS.resolve("h100-split-decode.jsonl.gz"), "--model", "density"},
      {"price", "--rows", PREFILL, "--batch", "2"},
      {"price", "--rows", PREFILL, "--length", "1024"},
      {"calibrate", "--rows", PREFILL, "-o", table, "--folds", "1"},
      {"calibrate", "--rows", PREFILL, "-o", table, "--multiprocessors", "0"}
    };
    for (Object[] arguments : wrong) {
      CommandRun run = CommandRun.of(arguments);
      assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains("Maybe ").doesNotContain("\tat ");
    }
    assertThat(table).doesNotExist();
  }

  @Test
  void hostileRowsAreRefusedByTheirLine() throws IOException {
    List<String> lines = lines(PREFILL);
    String broken = lines.get(1).replaceFirst("\"median_ms\": [0-9.]+", "\"median_ms\": -1");
    Path file = Files.write(directory.resolve("broken.jsonl"), List.of(lines.get(0), broken));
    Path table = directory.resolve("b.json");
    CommandRun.of("price", "--rows", file).failed(ExitCode.BAD_INPUT, "line 2");
    CommandRun.of("calibrate", "--rows", file, "-o", table).failed(ExitCode.BAD_INPUT, "line 2");
    assertThat(table).doesNotExist();
    CommandRun.of("price", "--rows", directory.resolve("none.csv"))
        .failed(ExitCode.BAD_INPUT, "none.csv");
    CommandRun.of("price", "--rows", PREFILL, "--device", "h300")
        .failed(ExitCode.BAD_INPUT, "b200-flex-attention");
  }

  private static List<String> ofHeadDim64() throws IOException {
    return lines(PREFILL).stream()
        .filter(line -> line.contains("\"head_dim\": 64,"))
        .filter(line -> line.contains("\"kv_len\": 4096,") || line.contains("\"kv_len\": 8192,"))
        .limit(20)
        .toList();
  }

  @Test
  void calibrateWritesATableThatPricesItsRows() throws IOException {
    Path rows = Files.write(directory.resolve("few.jsonl"), ofHeadDim64());
    Path table = directory.resolve("mine.json");
    assertThat(
            CommandRun.of("calibrate", "--rows", rows, "-o", table, "--folds", "2")
                .succeeded()
                .out())
        .contains("On the rows that it was fitted to:")
        .contains("On rows held out of the fit, 2 folds:")
        .contains("head_dim 64, tile 128")
        .contains(table.toString());
    assertThat(DeviceTable.resolve(table.toString()).name()).isEqualTo("mine");
    assertThat(CommandRun.of("price", "--rows", rows, "--device", table).succeeded().out())
        .contains("the device table mine");
  }

  @Test
  void aGpuThatIsNotKnownNeedsItsMultiprocessors() throws IOException {
    List<String> other =
        ofHeadDim64().stream()
            .map(line -> line.replace("NVIDIA H100 80GB HBM3", "Some GPU"))
            .toList();
    Path rows = Files.write(directory.resolve("other.jsonl"), other);
    CommandRun.of("calibrate", "--rows", rows, "-o", directory.resolve("other.json"))
        .failed(ExitCode.BAD_INPUT, "Some GPU");
    CommandRun.of(
            "calibrate",
            "--rows",
            rows,
            "-o",
            directory.resolve("other.json"),
            "--multiprocessors=132",
            "--folds=2")
        .succeeded();
    assertThat(DeviceTable.resolve(directory.resolve("other.json").toString()).gpu())
        .isEqualTo("Some GPU");
  }

  @Test
  void devicesSayWhichWereNotMeasured() {
    String out = CommandRun.of("show", "devices").succeeded().out();
    for (String name : new String[] {"a100", "l40s", "rtx4090", "b200"}) {
      assertThat(out.lines())
          .anyMatch(
              line ->
                  line.startsWith(name + "-flex-attention")
                      && line.contains("not measured on this GPU"));
    }
    assertThat(out.lines())
        .noneMatch(line -> line.startsWith("h100") && line.contains("not measured"));
  }
}
