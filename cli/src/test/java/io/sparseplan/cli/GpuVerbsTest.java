package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.profiler.gpu.GpuSupport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs that look for a GPU, on machines with and without one. */
final class GpuVerbsTest {
  @TempDir static Path directory;

  @Test
  void theDoctorSaysWhatThereIsAndWhyNot() {
    String out = CommandRun.of("doctor").succeeded().out();
    assertThat(out).contains("Java     25").contains("processors");
    switch (GpuSupport.probe()) {
      case GpuSupport.Absent absent ->
          assertThat(out).contains("GPU      none. " + absent.problem()).contains("Maybe ");
      case GpuSupport.Present present ->
          assertThat(out).contains("Driver   CUDA").contains(present.gpus().getFirst().name());
    }
  }

  @Test
  void calibrateNeedsRowsOrAGpuAndNotBoth() {
    Path table = directory.resolve("t.json");
    Object[][] wrong = {
      {"calibrate", "-o", table},
      {"calibrate", "--gpu", "--rows", "r.jsonl", "-o", table},
      {"calibrate", "--rows", "r.jsonl", "--launches", "l.jsonl", "-o", table}
    };
    for (Object[] arguments : wrong) {
      assertThat(CommandRun.of(arguments).exitCode()).isEqualTo(ExitCode.USAGE);
    }
    assertThat(table).doesNotExist();
  }

  @Test
  void withoutAGpuCalibrateSaysWhy() {
    if (GpuSupport.probe() instanceof GpuSupport.Absent absent) {
      CommandRun.of("calibrate", "--gpu", "-o", directory.resolve("g.json"))
          .failed(ExitCode.BAD_INPUT, absent.problem());
    }
  }

  @Test
  void withoutAGpuEvaluateSaysWhyOrRunsOnTheCpuAndSaysSoOnce() {
    if (GpuSupport.probe() instanceof GpuSupport.Absent absent) {
      Object[] onCpu = evaluate("cpu");
      CommandRun.of(evaluate("gpu")).failed(ExitCode.BAD_INPUT, absent.problem());
      CommandRun auto = CommandRun.in(Map.of(), evaluate("auto"));
      assertThat(auto.exitCode()).isEqualTo(ExitCode.GOOD);
      assertThat(auto.err()).isEqualTo("Running on the CPU. %s%n".formatted(absent.problem()));
      assertThat(auto.out()).isEqualTo(CommandRun.of(onCpu).succeeded().out());
    }
  }

  @Test
  void withoutAGpuAndABackendEveryVerbThatRunsAModelSaysSoOnce() {
    if (GpuSupport.probe() instanceof GpuSupport.Absent absent) {
      Path output = directory.resolve("auto");
      Object[] tune = tune(output);
      CommandRun run = CommandRun.in(Map.of(), tune);
      assertThat(run.exitCode()).isEqualTo(ExitCode.GOOD);
      assertThat(run.err()).isEqualTo("Running on the CPU. %s%n".formatted(absent.problem()));
      assertThat(Plan.read(output.resolve("plan.json")).calibration().arithmetic())
          .isEqualTo(Arithmetic.FLOAT32);
    }
  }

  @Test
  void aProfileOfAnotherArithmeticIsMadeAnewAndTheUserIsTold() throws IOException {
    Path output = directory.resolve("otherwise");
    CommandRun.of(tune(output)).succeeded();
    Path file = output.resolve("model.profile");
    Profile onCpu = Profile.read(file);
    ProfileBasis.of(onCpu)
        .in(Arithmetic.BF16)
        .profileOf(onCpu.prompts(), onCpu.run())
        .withInduction(onCpu.induction().orElseThrow())
        .write(file);
    CommandRun again = CommandRun.of(tune(output));
    assertThat(again.exitCode()).isEqualTo(ExitCode.GOOD);
    assertThat(again.err())
        .isEqualTo(
            "The profile (%s) was made in bf16 on a GPU; this run makes it anew, in float32 on the CPU.%n"
                .formatted(file));
    assertThat(Profile.read(file).arithmetic()).isEqualTo(Arithmetic.FLOAT32);
  }

  private static Object[] tune(Path output) {
    return new Object[] {
      "tune",
      CommandRun.LLAMA_1M,
      "--max-time=0.9",
      "--lengths=512",
      "--limit-per-length=1",
      "-o",
      output
    };
  }

  @Test
  void withoutAGpuProfileSaysWhyAndWritesNothing() {
    if (GpuSupport.probe() instanceof GpuSupport.Absent absent) {
      Path profile = directory.resolve("gpu.profile");
      CommandRun.of("profile", CommandRun.LLAMA_1M, "--backend", "gpu", "-o", profile)
          .failed(ExitCode.BAD_INPUT, absent.problem());
      assertThat(profile).doesNotExist();
    }
  }

  @Test
  void whatRunsNoModelHasNoBackend() {
    CommandRun.of("profile", "--merge", "a", "b", "--backend", "gpu", "-o", "c")
        .failed(ExitCode.USAGE, "--backend does nothing with --merge");
  }

  private static Object[] evaluate(String backend) {
    return new Object[] {
      "evaluate",
      CommandRun.LLAMA_1M,
      "--lengths",
      "512",
      "--limit-per-length",
      "1",
      "--backend",
      backend
    };
  }

  @Test
  void everyKernelIsMeasuredOftenEnoughToFitFourFifthsOfItsRows() {
    record Kernel(HeadDim headDim, TileSize tile) {}
    List<Launch> launches = CalibrationLaunches.all();
    Map<Kernel, Long> counts =
        launches.stream()
            .collect(
                Collectors.groupingBy(
                    launch -> new Kernel(launch.attention().headDim(), launch.tile()),
                    Collectors.counting()));
    assertThat(counts).hasSize(4);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count * 4 / 5).isGreaterThan(12));
    assertThat(launches).doesNotHaveDuplicates();
  }

  @Test
  void writtenRowsAreReadAgain() throws IOException {
    Launch launch = CalibrationLaunches.all().get(3);
    var row =
        new MeasuredRow(
            "Some GPU",
            "sparseplan_block_sparse",
            Optional.empty(),
            "cuda-events",
            launch.phase(),
            "bf16",
            launch.batch(),
            launch.attention().queryHeads(),
            launch.attention().kvHeads(),
            launch.attention().headDim(),
            launch.length(),
            launch.length(),
            launch.tile(),
            true,
            launch.heads(),
            launch.visitedTiles().stream().mapToLong(head -> sum(head)).sum(),
            0.25,
            0.2,
            Optional.empty(),
            Optional.empty());
    Path file = directory.resolve("rows.jsonl");
    GpuMeasurement.write(
        file,
        List.of(
            new GpuMeasurement.Row(row, List.of(0.25, 0.24), List.of(1980.0, 1755.5)),
            new GpuMeasurement.Row(row, List.of(), List.of())));
    assertThat(MeasuredRows.read(file)).containsExactly(row, row);
    assertThat(MeasuredRows.launches(file)).extracting(LaunchRow::launch).containsOnly(launch);
    assertThat(Files.readString(file))
        .contains("\"sm_mhz\":[1980.0,1755.5]")
        .contains("\"round_median_ms\":[0.25,0.24]");
  }

  private static long sum(int[] values) {
    long sum = 0;
    for (int value : values) {
      sum += value;
    }
    return sum;
  }
}
