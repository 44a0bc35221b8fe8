package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.decode.SplitKvRows;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.PlanDigest;
import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.HeadScores;
import io.sparseplan.plans.format.PlanFormat;
import io.sparseplan.plans.format.ScoresFormat;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import io.sparseplan.profiler.capture.CaptureDirectory;
import io.sparseplan.profiler.prompt.PromptFile;
import io.sparseplan.profiler.prompt.Tokenizer;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.source.ChartedCurve;
import io.sparseplan.report.source.Validation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** The readers of this program's own files, of models and of prompts, by what they read. */
enum Parser implements Intake {
  SAFETENSORS("model.safetensors"),
  INDEX("model.safetensors.index.json"),
  CONFIG("config.json"),
  MODEL_DESCRIPTION("config.json"),
  TOKENIZER("tokenizer.json"),
  PROMPTS("prompts.jsonl"),
  PLAN("plan.json"),
  PROFILE("model.profile"),
  EVALUATION("evaluation.json"),
  DIGEST("plan.digest.json"),
  BUDGET("budget.json"),
  DEVICE_TABLE("device.json"),
  DECODE_TABLE("decode.json"),
  RUNTIME("runtime.json"),
  ROWS("rows.jsonl"),
  CANDIDATES("candidates.json"),
  CAPTURE("capture.json"),
  CAPTURED_LAYER("layer-0.safetensors"),
  REPORT("report.html"),
  CONFIGURATION("sparseplan.yaml"),
  MEASUREMENTS("rows.jsonl"),
  DECODE_ROWS("decode-rows.jsonl"),
  ROWS_TABLE("rows.csv"),
  CURVE("curve.json"),
  COMPARISON("comparison.json"),
  LINK("model.link.json"),
  VALIDATION("validation.json"),
  SCORES("scores.json"),
  IMPORTED_PLAN("imported.json");

  private static final String SHIPPED_DEVICE = "h100-sparseplan";
  private static final String SHIPPED_DECODE = "h100-split-decode";
  private static final String SHIPPED_RUNTIME = "sparseplan";

  private static final CommandSpec COMMAND = Sparseplan.commandLine().getCommandSpec();

  private final String fileName;

  Parser(String fileName) {
    this.fileName = fileName;
  }

  /** Its name where it belongs. */
  String fileName() {
    return fileName;
  }

  @Override
  public byte[] seed() throws IOException {
    return switch (this) {
      case DEVICE_TABLE -> json(DeviceTable.resolve(SHIPPED_DEVICE));
      case DECODE_TABLE -> json(SplitKvTable.resolve(SHIPPED_DECODE));
      case RUNTIME -> json(AttentionRuntime.resolve(SHIPPED_RUNTIME));
      case MEASUREMENTS -> ROWS.seed();
      case MODEL_DESCRIPTION -> CONFIG.seed();
      case CURVE ->
          json(Curve.of(List.of(plan()), List.of(PLAN.fileName), new Run("", "", 1, 0, "")));
      case REPORT -> dataOfPage();
      case CAPTURED_LAYER -> layer();
      default -> Intake.stored(name().toLowerCase(Locale.ROOT));
    };
  }

  private static byte[] json(Object file) {
    return JsonFile.pretty(file).getBytes(StandardCharsets.UTF_8);
  }

  private static Plan plan() throws IOException {
    return JsonFile.mapper().readValue(PLAN.seed(), Plan.class);
  }

  /** The part of a page that is read back, without the scripts that nobody reads. */
  private static byte[] dataOfPage() throws IOException {
    var page = new ByteArrayOutputStream();
    ReportPage.write(
        new ReportInput(
            plan(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        page);
    String html = page.toString(StandardCharsets.UTF_8);
    int open = html.indexOf("<script type=\"application/json\"");
    return html.substring(open, html.indexOf("</script>", open) + "</script>".length())
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Of two query heads and one key-value head of four channels, as the capture's seed says. */
  private static byte[] layer() throws IOException {
    var file = new ByteArrayOutputStream();
    SafetensorsWriter.write(file, Map.of(), List.of(part("q", 2), part("k", 1), part("v", 1)));
    return file.toByteArray();
  }

  private static Part part(String name, int heads) {
    int tokens = 2;
    int headDim = 4;
    return new Part(
        name,
        Dtype.F32,
        List.of((long) tokens, (long) heads, (long) headDim),
        new byte[tokens * heads * headDim * Float.BYTES]);
  }

  @Override
  public void lay(Path directory) throws IOException {
    switch (this) {
      case INDEX -> lay(SAFETENSORS, directory);
      case PROMPTS -> {
        lay(CONFIG, directory);
        lay(TOKENIZER, directory);
      }
      case CURVE -> lay(PLAN, directory);
      case CAPTURE -> lay(CAPTURED_LAYER, sample(directory));
      case CAPTURED_LAYER -> lay(CAPTURE, directory);
      default -> {}
    }
  }

  private static void lay(Parser other, Path directory) throws IOException {
    Files.write(directory.resolve(other.fileName), other.seed());
  }

  /** Where the capture's seed has its one sample. */
  private static Path sample(Path directory) throws IOException {
    return Files.createDirectories(directory.resolve("s0"));
  }

  /** Puts the bytes in a directory under the name that they have there, and reads them. */
  @Override
  public void read(byte[] bytes, Path directory) throws IOException {
    Path place = this == CAPTURED_LAYER ? sample(directory) : directory;
    read(Files.write(place.resolve(fileName), bytes), directory);
  }

  private void read(Path file, Path directory) {
    switch (this) {
      case SAFETENSORS -> {
        Checkpoint weights = Checkpoint.open(directory);
        weights.tensor("model.norm.weight").toFloats();
      }
      case INDEX -> Checkpoint.open(directory);
      case CONFIG -> ConfigJson.read(file);
      case MODEL_DESCRIPTION -> ModelDescription.of(directory);
      case TOKENIZER -> {
        try (Tokenizer tokenizer = Tokenizer.open(directory)) {
          tokenizer.encode("ab b\u00e9");
        }
      }
      case PROMPTS ->
          PromptFile.read(file, directory, ConfigJson.read(directory.resolve(CONFIG.fileName)));
      case PLAN -> Plan.read(file);
      case PROFILE -> Profile.read(file);
      case EVALUATION -> Evaluation.read(file);
      case DIGEST -> PlanDigest.read(file);
      case BUDGET -> Budget.read(file);
      case DEVICE_TABLE -> DeviceTable.resolve(file.toString());
      case DECODE_TABLE -> SplitKvTable.resolve(file.toString());
      case RUNTIME -> AttentionRuntime.resolve(file.toString());
      case CANDIDATES -> CandidateSet.read(file);
      case CAPTURE, CAPTURED_LAYER -> {
        CaptureDirectory capture = CaptureDirectory.open(directory);
        capture.identity();
        TokenLayout layout = capture.layout(TileSize.DEFAULT, Optional.empty());
        capture.samples().forEach(sample -> capture.layer(sample, 0, layout));
      }
      case REPORT -> ReportPage.readData(file);
      case CONFIGURATION -> ConfigFile.read(file, COMMAND, "tune");
      case ROWS, ROWS_TABLE -> MeasuredRows.launches(file);
      case MEASUREMENTS -> MeasuredRows.read(file);
      case DECODE_ROWS -> SplitKvRows.read(file);
      case CURVE -> ChartedCurve.read(file);
      case COMPARISON -> Comparison.read(file);
      case LINK -> LossLink.read(file).estimate(0.001);
      case VALIDATION -> Validation.read(file);
      case SCORES -> export(HeadScores.read(file));
      case IMPORTED_PLAN -> export(HeadPlan.read(file));
    }
  }

  /** What a plan keeps of the peer's file is read when it is written again. */
  private static void export(HeadPlan plan) {
    if (plan instanceof ImportedPlan imported
        && format(imported.imported()).orElse(null) instanceof PlanFormat format) {
      format.write(plan);
    }
  }

  private static void export(HeadScores scores) {
    if (format(scores.imported()).orElse(null) instanceof ScoresFormat format) {
      format.write(scores);
    }
  }

  private static Optional<Format> format(ImportedFrom imported) {
    return Formats.all().stream()
        .filter(format -> format.name().equals(imported.format()))
        .findFirst();
  }
}
