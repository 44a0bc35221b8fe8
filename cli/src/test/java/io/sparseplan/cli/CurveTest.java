package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.curve.CurvePoint;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code search --pareto} on a profile of llama-1m, as a user runs it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CurveTest {
  @TempDir static Path directory;
  private Path profile;
  private Path file;
  private Curve curve;
  private CommandRun run;

  @BeforeAll
  void search() {
    profile = directory.resolve("model.profile");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--lengths",
            "1024,2048",
            "--limit-per-length",
            "1",
            "-o",
            profile)
        .succeeded();
    file = directory.resolve("c.json");
    run = curve(file, "5").succeeded();
    curve = Curve.read(file);
  }

  private CommandRun curve(Path output, String points) {
    return CommandRun.of(
        "search", profile, "--pareto", points, "--max-time-at", "2048=0.9", "-o", output);
  }

  @Test
  void goesFromTheFastestPlanToTheTimeOfDense() {
    assertThat(curve.points()).hasSize(5);
    assertThat(curve.points().getLast().maxTime()).isEqualTo(1);
    assertThat(curve.points().getFirst().maxTime()).isLessThan(0.6);
    assertThat(curve.points())
        .allSatisfy(
            point -> {
              assertThat(point.predicted().time().ratio()).isLessThanOrEqualTo(point.maxTime());
              assertThat(point.loss().bound()).isLessThanOrEqualTo(point.loss().found());
            })
        .isSortedAccordingTo(
            Comparator.comparingDouble((CurvePoint point) -> point.loss().found()).reversed());
  }

  @Test
  void everyPointHasAPlanThatKeepsToTheOtherLimits() {
    assertThat(curve.limits()).hasSize(1).first().isInstanceOf(Limit.MaxTimeAt.class);
    assertThat(curve.points())
        .allSatisfy(
            point -> {
              Plan plan = Plan.read(file.resolveSibling(point.plan()));
              assertThat(plan.predicted()).isEqualTo(point.predicted());
              assertThat(plan.solver().loss()).isEqualTo(point.loss());
              assertThat(plan.predicted().byLength().get(1).time().ratio())
                  .isLessThanOrEqualTo(0.9);
            });
  }

  @Test
  void noPointIsWorseThanASearchOfItsOwnByMoreThanItsGap() {
    CurvePoint middle = curve.points().get(2);
    Path alone = directory.resolve("alone.json");
    CommandRun.of(
            "search",
            profile,
            "--max-time",
            middle.maxTime(),
            "--max-time-at",
            "2048=0.9",
            "-o",
            alone)
        .succeeded();
    double cheapest = curve.points().getFirst().loss().found();
    assertThat(middle.loss().found())
        .isLessThanOrEqualTo(
            Plan.read(alone).predicted().loss() + middle.gap() * cheapest * (1 + 1e-9));
  }

  @Test
  void readsBackAsItWas() throws IOException {
    Path again = directory.resolve("again.json");
    curve.write(again);
    assertThat(again).hasSameBinaryContentAs(file);
  }

  @Test
  void anotherCurveInItsPlaceLeavesNoPlanBehind() throws IOException {
    Path other = directory.resolve("other.json");
    curve(other, "4").succeeded();
    curve(other, "3").succeeded();
    try (var plans = Files.list(directory.resolve("other-plans"))) {
      assertThat(plans.map(plan -> "other-plans/" + plan.getFileName()))
          .containsExactlyInAnyOrderElementsOf(
              Curve.read(other).points().stream().map(CurvePoint::plan).toList());
    }
  }

  @Test
  void aCurveWhosePointsGoAstrayIsRefused() throws IOException {
    Path bad = directory.resolve("bad.json");
    List<String> texts =
        List.of(
            Files.readString(file).replace("\"maxTime\" : 1.0", "\"maxTime\" : 0.1"),
            Files.readString(file).replace("c-plans/", "../c-plans/"),
            Files.readString(file).replace("\"schemaVersion\" : 1", "\"schemaVersion\" : 2"),
            JsonFile.pretty(List.of()));
    for (String text : texts) {
      Files.writeString(bad, text);
      assertThatThrownBy(() -> Curve.read(bad))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("bad.json");
    }
  }

  @Test
  void tuneAddsTheCurveToItsPlanAndItsReport() throws IOException {
    Path tuned = directory.resolve("tuned");
    Object[] arguments = {
      "tune",
      CommandRun.LLAMA_1M,
      "--lengths=1024",
      "--limit-per-length=1",
      "--max-time=0.6",
      "--pareto=3",
      "-o",
      tuned
    };
    assertThat(CommandRun.of(arguments).succeeded().out()).contains("curve.json");
    assertThat(Curve.read(tuned.resolve("curve.json")).points()).hasSize(3);
    Path charted = directory.resolve("charted.html");
    CommandRun.of(
            "report",
            tuned.resolve("plan.json"),
            "--profile",
            tuned.resolve("model.profile"),
            "--evaluation",
            tuned.resolve("evaluation.json"),
            "--curve",
            tuned.resolve("curve.json"),
            "-o",
            charted)
        .succeeded();
    assertThat(tuned.resolve("report.html")).hasSameBinaryContentAs(charted);
  }

  @Test
  void aTimeBesideTheCurveIsAMistake() {
    CommandRun.of("search", profile, "--pareto", "5", "--max-time", "0.5")
        .failed(ExitCode.USAGE, "--max-time names one");
    CommandRun.of("search", profile, "--pareto", "1")
        .failed(ExitCode.USAGE, "--pareto (1) must be in 2..1000");
    CommandRun.of("search", profile, "--pareto", "5", "--strategy", "moa")
        .failed(ExitCode.USAGE, "Peers have no curve");
  }

  @Test
  void theTableHasALineForEachPoint() {
    assertThat(run.out()).contains("proven least").contains("1.0000").contains(file.toString());
  }
}
