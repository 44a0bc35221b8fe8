package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.VideoFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Damaged files on the real command line: refused with exit code 3 and a remedy, or a result as it
 * is of any other file. A gate that fails (1) and a goal that no plan meets (4) are such results;
 * that an option is wrong (2) is one where the file gives options.
 *
 * <p>By hand: {@code -Dsparseplan.damaged.commands=10000}.
 */
final class DamagedCommandsTest {
  private static final int RUNS = Integer.getInteger("sparseplan.damaged.commands", 20);
  private static final long SEED = 20261122;
  private static final Pattern NO_NUMBER = Pattern.compile("\\b(NaN|Infinity)\\b");

  /** A sound file's run takes a second or two, most of it for a machine that is busy. */
  private static final Duration HANG = Duration.ofMinutes(2);

  /** What a run may allocate in all, garbage included: a sound file's takes 60 MB at most. */
  private static final long MOST_BYTES = 1L << 30;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path directory;

  /**
   * A file and a command that reads it.
   *
   * @param file where it lies in the directory
   * @param command words of the command line; {@code @} stands for the directory
   */
  private record Reading(Intake intake, String file, List<String> command) {
    static Reading of(Parser parser, String command) {
      return at(parser.fileName(), parser, command);
    }

    static Reading at(String file, Intake intake, String command) {
      return new Reading(intake, file, List.of(command.split(" ")));
    }

    /** Puts the bytes where the command reads them. */
    void lay(byte[] bytes, Path directory) throws IOException {
      Path place = Files.createDirectories(directory.resolve(file).getParent());
      if (intake instanceof Importer importer) {
        for (Map.Entry<String, byte[]> part : importer.parts(bytes).entrySet()) {
          Files.write(place.resolve(part.getKey()), part.getValue());
        }
      } else {
        Files.write(directory.resolve(file), bytes);
      }
    }
  }

  private static final List<Reading> READINGS =
      Stream.concat(
              Stream.of(
                  Reading.of(Parser.PLAN, "show @plan.json"),
                  Reading.of(Parser.PLAN, "export @plan.json"),
                  Reading.of(Parser.PLAN, "price @plan.json"),
                  Reading.of(Parser.PLAN, "report @plan.json -o @out.html"),
                  Reading.of(Parser.PLAN, "diff @plan.json @whole/plan.json"),
                  Reading.of(Parser.PLAN, "evaluate @model --plan=@plan.json"),
                  Reading.of(Parser.IMPORTED_PLAN, "export @imported.json"),
                  Reading.of(Parser.IMPORTED_PLAN, "price @imported.json --length=512 --batch=1"),
                  Reading.of(Parser.REPORT, "diff @report.html @whole/plan.json"),
                  Reading.of(Parser.PROFILE, "show heads @model.profile"),
                  Reading.of(Parser.PROFILE, "search @model.profile --max-time=1 -o @out.json"),
                  Reading.of(
                      Parser.PROFILE, "report @plan.json --profile=@model.profile -o @out.html"),
                  Reading.of(
                      Parser.LINK,
                      "search @model.profile --max-time=1 --link=@model.link.json -o @out.json"),
                  Reading.of(
                      Parser.EVALUATION,
                      "report @plan.json --evaluation=@evaluation.json -o @out.html"),
                  Reading.of(Parser.CURVE, "report @plan.json --curve=@curve.json -o @out.html"),
                  Reading.of(
                      Parser.COMPARISON,
                      "report @plan.json --compare=@comparison.json -o @out.html"),
                  Reading.of(
                      Parser.VALIDATION,
                      "report @plan.json --validation=@validation.json -o @out.html"),
                  Reading.of(
                      Parser.BUDGET, "check @model --baseline=@plan.json --budget=@budget.json"),
                  Reading.of(
                      Parser.DIGEST,
                      "check @model --baseline=@plan.json --budget=@budget.json"
                          + " --digest=@plan.digest.json"),
                  Reading.of(Parser.DEVICE_TABLE, "price @plan.json --device=@device.json"),
                  Reading.of(
                      Parser.DECODE_TABLE, "price --rows=@decode-rows.jsonl --device=@decode.json"),
                  Reading.of(
                      Parser.DECODE_ROWS, "price --rows=@decode-rows.jsonl --device=@decode.json"),
                  Reading.of(Parser.RUNTIME, "price @plan.json --target=@runtime.json"),
                  Reading.of(Parser.ROWS, "price --rows=@rows.jsonl"),
                  Reading.of(Parser.ROWS_TABLE, "price --rows=@rows.csv"),
                  Reading.of(Parser.MEASUREMENTS, "calibrate --rows=@rows.jsonl -o @out.json"),
                  Reading.of(Parser.CONFIGURATION, "show runtimes --config=@sparseplan.yaml"),
                  Reading.of(
                      Parser.CANDIDATES,
                      "profile @model --candidates=@candidates.json -o @out.profile"),
                  Reading.of(
                      Parser.SCORES,
                      "import @scores.json --from=scores --sparsity=0.5 --sink=64 --recent=64"
                          + " -o @out.json"),
                  Reading.at(
                      "capture/capture.json",
                      Parser.CAPTURE,
                      "profile --capture @capture -o @out.profile"),
                  Reading.at(
                      "capture/s0/layer-0.safetensors",
                      Parser.CAPTURED_LAYER,
                      "profile --capture @capture -o @out.profile"),
                  ofModel(Parser.CONFIG),
                  ofModel(Parser.SAFETENSORS),
                  ofModel(Parser.INDEX),
                  ofModel(Parser.TOKENIZER),
                  ofModel(Parser.PROMPTS)),
              Intake.all().stream()
                  .filter(Importer.class::isInstance)
                  .map(DamagedCommandsTest::ofPeer))
          .toList();

  /** With every option that one of the formats needs. */
  private static Reading ofPeer(Intake intake) {
    Format format = ((Importer) intake).format();
    boolean needsSteps = format instanceof VideoFormat video && !video.saysSteps();
    String file = "%s/%s".formatted(intake.name(), ((Importer) intake).mainName());
    return Reading.at(
        file,
        intake,
        "import @%s --from=%s --model=@%s.json -o @out.json --sparsity=0.5 --sink=64 --recent=256 --stride=16 --heavy-projection=K --heavy-channels=2 --heavy-tokens=512 --video=12x24x24"
                .formatted(file, intake.name(), format instanceof VideoFormat ? "video" : "peer")
            + (needsSteps ? " --steps=50" : ""));
  }

  private static Reading ofModel(Parser parser) {
    return Reading.at(
        "model/" + parser.fileName(), parser, "evaluate @model --prompts=@model/prompts.jsonl");
  }

  @BeforeEach
  void laySoundFiles() throws IOException {
    for (String name : new String[] {"model", "whole", "capture/s0"}) {
      Files.createDirectories(directory.resolve(name));
    }
    for (Parser parser :
        List.of(Parser.CONFIG, Parser.SAFETENSORS, Parser.TOKENIZER, Parser.PROMPTS)) {
      lay("model/" + parser.fileName(), parser);
    }
    lay("model/prompts-calibration.jsonl", Parser.PROMPTS);
    layShape("peer.json", 4, 2);
    layShape("video.json", 1, 1);
    lay("capture/capture.json", Parser.CAPTURE);
    lay("capture/s0/layer-0.safetensors", Parser.CAPTURED_LAYER);
    lay("whole/plan.json", Parser.PLAN);
    for (Parser parser :
        List.of(
            Parser.PLAN,
            Parser.PROFILE,
            Parser.DIGEST,
            Parser.BUDGET,
            Parser.DECODE_ROWS,
            Parser.DECODE_TABLE)) {
      lay(parser.fileName(), parser);
    }
  }

  private void lay(String file, Parser parser) throws IOException {
    Files.write(directory.resolve(file), parser.seed());
  }

  /** The config of a model that the peers' seeds are for. */
  private void layShape(String file, int queryHeads, int kvHeads) throws IOException {
    ObjectNode config = (ObjectNode) JsonFile.mapper().readTree(Parser.CONFIG.seed());
    config.put("num_hidden_layers", 2);
    config.put("num_attention_heads", queryHeads);
    config.put("num_key_value_heads", kvHeads);
    JsonFile.write(directory.resolve(file), config);
  }

  @Test
  void damagedFilesAreRefusedOrRead() throws IOException {
    var mutation = new Mutation(SEED);
    var exitCodes = new TreeMap<Integer, Integer>();
    var failures = new ArrayList<String>();
    for (int n = 0; n < RUNS; n++) {
      Reading reading = READINGS.get(n % READINGS.size());
      byte[] damaged = mutation.of(reading.intake.seed());
      try {
        exitCodes.merge(exitCodeOn(damaged, reading), 1, Integer::sum);
      } catch (RuntimeException | Error e) {
        Path kept = Files.createTempFile(reading.intake.name() + "-", ".damaged");
        Files.write(kept, damaged);
        failures.add("%s fails on %s: %s".formatted(reading.command, kept, e));
      }
    }
    assertThat(failures).isEmpty();
    assertThat(exitCodes).containsKeys(ExitCode.GOOD, ExitCode.BAD_INPUT);
    System.out.println("Damaged files by exit code: " + exitCodes);
  }

  @Test
  void whatFailedOnceIsRefusedOrRead() throws IOException {
    for (Reading reading : READINGS) {
      for (Path finding : Intake.findings(reading.intake)) {
        exitCodeOn(Files.readAllBytes(finding), reading);
      }
    }
  }

  /** Of a run on the bytes in place of the sound file, which lies there again afterwards. */
  private int exitCodeOn(byte[] bytes, Reading reading) throws IOException {
    Path file = directory.resolve(reading.file);
    byte[] sound = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    reading.lay(bytes, directory);
    try {
      return exitCodeOf(reading);
    } finally {
      if (sound.length > 0) {
        Files.write(file, sound);
      } else {
        Files.delete(file);
      }
    }
  }

  private int exitCodeOf(Reading reading) {
    long allocatedBefore = THREADS.getTotalThreadAllocatedBytes();
    CommandRun run = assertTimeoutPreemptively(HANG, () -> CommandRun.of(words(reading)));
    long allocated = THREADS.getTotalThreadAllocatedBytes() - allocatedBefore;
    Set<Integer> good =
        reading.intake == Parser.CONFIGURATION
            ? Set.of(ExitCode.GOOD, ExitCode.BAD_INPUT, ExitCode.USAGE)
            : Set.of(
                ExitCode.GOOD, ExitCode.BAD_INPUT, ExitCode.GATE_FAILED, ExitCode.NO_FEASIBLE_PLAN);
    assertThat(run.exitCode()).as(run.err()).isIn(good);
    assertThat(run.err()).doesNotContain("\tat ").doesNotContain("Exception");
    if (run.exitCode() == ExitCode.BAD_INPUT) {
      assertThat(run.err()).contains("\nMaybe ");
    } else {
      assertThat(run.out()).doesNotContainPattern(NO_NUMBER);
    }
    assertThat(allocated).as("bytes allocated").isLessThan(MOST_BYTES);
    return run.exitCode();
  }

  private Object[] words(Reading reading) {
    return reading.command.stream().map(word -> word.replace("@", directory + "/")).toArray();
  }

  /** Else nothing above would reach far. */
  @Test
  void soundFilesAreRead() throws IOException {
    for (Reading reading : READINGS) {
      Path file = directory.resolve(reading.file);
      boolean isLaid = Files.exists(file);
      reading.lay(reading.intake.seed(), directory);
      if (reading.intake != Parser.MEASUREMENTS) {
        // A device table cannot be fitted to the one row that the seed has.
        assertThat(exitCodeOf(reading))
            .as(reading.command.toString())
            .isIn(ExitCode.GOOD, ExitCode.GATE_FAILED);
      }
      if (!isLaid) {
        Files.delete(file);
      }
    }
  }
}
