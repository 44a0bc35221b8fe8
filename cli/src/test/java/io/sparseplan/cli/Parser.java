package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.PlanDigest;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.capture.CaptureDirectory;
import io.sparseplan.profiler.prompt.PromptFile;
import io.sparseplan.profiler.prompt.Tokenizer;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.report.ReportPage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Everything that reads what somebody else may have written, by what it reads. */
enum Parser {
  SAFETENSORS("model.safetensors"),
  INDEX("model.safetensors.index.json"),
  CONFIG("config.json"),
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
  REPORT("report.html"),
  CONFIGURATION("sparseplan.yaml");

  private final String fileName;

  Parser(String fileName) {
    this.fileName = fileName;
  }

  /** A small file that is read without an error, or is refused for what it lacks beside it. */
  byte[] seed() throws IOException {
    String name = "seeds/" + name().toLowerCase(Locale.ROOT);
    try (InputStream in = Parser.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /**
   * Puts the bytes in a directory under the name that they have there, and reads them.
   *
   * @param directory holds what belongs to it
   * @throws io.sparseplan.plans.BadInputException if they are refused
   */
  void read(byte[] bytes, Path directory) throws IOException {
    Path file = Files.write(directory.resolve(fileName), bytes);
    try {
      read(file);
    } finally {
      Files.delete(file);
    }
  }

  private void read(Path file) throws IOException {
    Path directory = file.getParent();
    switch (this) {
      case SAFETENSORS -> {
        Checkpoint weights = Checkpoint.open(directory);
        weights.tensor("model.norm.weight").toFloats();
      }
      case INDEX -> {
        Files.write(directory.resolve(SAFETENSORS.fileName), SAFETENSORS.seed());
        Checkpoint.open(directory);
      }
      case CONFIG -> ConfigJson.read(file);
      case TOKENIZER -> {
        try (Tokenizer tokenizer = Tokenizer.open(directory)) {
          tokenizer.encode("ab b\u00e9");
        }
      }
      case PROMPTS -> {
        Path config = Files.write(directory.resolve(CONFIG.fileName), CONFIG.seed());
        PromptFile.read(file, directory, ConfigJson.read(config));
      }
      case PLAN -> Plan.read(file);
      case PROFILE -> Profile.read(file);
      case EVALUATION -> Evaluation.read(file);
      case DIGEST -> PlanDigest.read(file);
      case BUDGET -> Budget.read(file);
      case DEVICE_TABLE -> DeviceTable.resolve(file.toString());
      case DECODE_TABLE -> SplitKvTable.resolve(file.toString());
      case RUNTIME -> AttentionRuntime.resolve(file.toString());
      case ROWS -> MeasuredRows.launches(file);
      case CANDIDATES -> CandidateSet.read(file);
      case CAPTURE -> CaptureDirectory.open(directory);
      case REPORT -> ReportPage.readData(file);
      case CONFIGURATION ->
          ConfigFile.read(file, Sparseplan.commandLine().getCommandSpec(), "tune");
    }
  }
}
