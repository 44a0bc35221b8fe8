package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.comparison.Contender;
import io.sparseplan.plans.comparison.ContenderOutcome;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.evaluation.WilsonInterval;
import io.sparseplan.plans.plan.Strategy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code compare} on llama-1m, as a user runs it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CompareTest {
  private static final String GOAL = "--max-time=0.9";

  @TempDir static Path directory;
  private Path profile;
  private Path file;
  private CommandRun run;

  @BeforeAll
  void compare() {
    profile = directory.resolve("model.profile");
    file = directory.resolve("comparison.json");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--lengths=1024",
            "--skip-per-length=1",
            "--limit-per-length=1",
            "-o",
            profile)
        .succeeded();
    run =
        CommandRun.of(
                "compare",
                profile,
                GOAL,
                "--also-by=output-error",
                "--evaluate",
                CommandRun.LLAMA_1M,
                "--skip-per-length=2",
                "--limit-per-length=1",
                "-o",
                file)
            .succeeded();
  }

  @Test
  void everyStrategyHasARowAndOursIsTheFirst() {
    List<Contender> contenders = Comparison.read(file).contenders();
    assertThat(contenders.stream().map(Contender::label))
        .startsWith("optaplanner by divergence", "optaplanner by output-error", "uniform")
        .hasSize(Strategy.values().length + 1);
    assertThat(contenders.stream().map(Contender::strategy).distinct())
        .containsExactlyInAnyOrder(Strategy.values());
    assertThat(run.out()).contains("dense");
    assertThat(Arrays.stream(Strategy.values()).map(Strategy::name))
        .allSatisfy(
            name -> assertThat(run.out()).containsIgnoringCase("\n" + name.replace('_', '-')));
  }

  @Test
  void onlyTheStrategiesThatAreNamedAreCompared() {
    Path fewer = directory.resolve("fewer.json");
    CommandRun.of("compare", profile, GOAL, "--strategies=moa,uniform", "-o", fewer).succeeded();
    assertThat(Comparison.read(fewer).contenders().stream().map(Contender::strategy))
        .containsExactly(Strategy.OPTAPLANNER, Strategy.UNIFORM, Strategy.MOA);
  }

  @Test
  void everyPlanKeepsToTheGoalAndNoneIsPredictedToLoseLessThanOurs() {
    List<ContenderOutcome.Found> found =
        Comparison.read(file).contenders().stream()
            .map(Contender::outcome)
            .filter(ContenderOutcome.Found.class::isInstance)
            .map(ContenderOutcome.Found.class::cast)
            .toList();
    assertThat(found).hasSizeGreaterThan(5);
    double ours = found.getFirst().predicted().loss();
    assertThat(found)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.predicted().time().ratio()).isLessThanOrEqualTo(0.9 + 1e-9);
              assertThat(outcome.predicted().loss()).isGreaterThanOrEqualTo(ours * (1 - 1e-9));
            });
  }

  @Test
  void aPlanIsMeasuredAsItIsAlone() {
    Path plan = directory.resolve("moa.json");
    Path evaluation = directory.resolve("moa-evaluation.json");
    CommandRun.of("search", profile, GOAL, "--strategy=moa", "-o", plan).succeeded();
    CommandRun.of(
            "evaluate",
            CommandRun.LLAMA_1M,
            "--plan",
            plan,
            "--lengths=1024",
            "--skip-per-length=2",
            "--limit-per-length=1",
            "-o",
            evaluation)
        .succeeded();
    Measured alone = Evaluation.read(evaluation).plan().orElseThrow();
    Comparison comparison = Comparison.read(file);
    Contender moa =
        comparison.contenders().stream()
            .filter(contender -> contender.strategy() == Strategy.MOA)
            .findFirst()
            .orElseThrow();
    assertThat(moa.measured()).contains(alone);
    assertThat(moa.answersKept())
        .contains(WilsonInterval.of(alone.answersRight(), alone.answers()));
    assertThat(comparison.measurement().orElseThrow().dense())
        .isEqualTo(Evaluation.read(evaluation).dense());
    assertThat(comparison.measurement().orElseThrow().heldOut()).isTrue();
  }

  @Test
  void withoutAModelNothingIsMeasured() {
    CommandRun table =
        CommandRun.of("compare", profile, GOAL, "--loss=output-error", "--format=csv").succeeded();
    List<String> lines = table.out().lines().toList();
    assertThat(lines).hasSize(1 + Strategy.values().length);
    assertThat(lines.getFirst()).startsWith("plan,predicted_loss,").contains(",answers_lower,");
    assertThat(lines.get(1)).startsWith("optaplanner by output-error,");
    assertThat(table.out()).doesNotContain("dense,");
  }

  @Test
  void rulesThatPeersDoNotKnowAreRefused() {
    CommandRun.of("compare", profile, GOAL, "--pin=L0.H0=dense").failed(ExitCode.USAGE, "limits");
    CommandRun.of("compare", profile, "--max-loss=0.1").failed(ExitCode.USAGE, "limits");
  }

  @Test
  void aLossThatTheProfileHasNotIsRefused() {
    CommandRun.of("compare", profile, GOAL, "--loss=first-order")
        .failed(ExitCode.BAD_INPUT, "FIRST_ORDER");
    CommandRun.of("compare", profile, GOAL, "--loss=nothing").failed(ExitCode.USAGE, "nothing");
  }
}
