package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Refinement;
import io.sparseplan.plans.plan.Refinement.Round;
import io.sparseplan.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tune --refine} on llama-1m. */
final class RefineTest {
  @TempDir private static Path directory;

  private static List<Object> tune(Object... more) {
    var arguments =
        new ArrayList<Object>(
            List.of("tune", CommandRun.LLAMA_1M, "--max-time", "0.65", "--lengths", "1024"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  @Test
  void thePlanThatIsKeptIsTheOneThatLosesLeastOnPromptsHeldBack() throws IOException {
    Path output = directory.resolve("refined");
    CommandRun run =
        CommandRun.of(tune("--limit-per-length", "4", "--refine", "2", "-o", output).toArray())
            .succeeded();

    Plan plan = Plan.read(output.resolve("plan.json"));
    Refinement refinement = plan.calibration().refinement().orElseThrow();
    assertThat(refinement.fitting().members()).hasSize(3);
    assertThat(refinement.heldBack().members()).hasSize(1);
    assertThat(refinement.fitting().isDisjointFrom(refinement.heldBack())).isTrue();
    assertThat(refinement.rounds()).hasSizeBetween(2, 3);
    double best = Double.POSITIVE_INFINITY;
    for (Round round : refinement.rounds()) {
      assertThat(round.accepted()).isEqualTo(round.measuredOnHeldBack() < best);
      assertThat(round.timeRatio()).isLessThanOrEqualTo(0.65 * (1 + 1e-9));
      best = Math.min(best, round.measuredOnHeldBack());
    }
    Round kept = refinement.rounds().stream().filter(Round::accepted).toList().getLast();
    assertThat(kept.measuredOnHeldBack()).isEqualTo(best);
    assertThat(plan.predicted().time().ratio()).isEqualTo(kept.timeRatio());
    assertThat(PublishedSchema.errors(Files.readString(output.resolve("plan.json")))).isEmpty();
    assertThat(run.out()).contains("Refined").contains("round 1");
    assertThat(ReportPage.readData(output.resolve("report.html")).plan()).isEqualTo(plan);
    for (String format : List.of("md", "html")) {
      Path report = directory.resolve("report." + format);
      CommandRun.of("report", output.resolve("plan.json"), "--format", format, "-o", report)
          .succeeded();
      assertThat(Files.readString(report)).contains("held back");
    }
    assertThat(CommandRun.of("show", output.resolve("plan.json")).succeeded().out())
        .contains("held back");
  }

  @ParameterizedTest
  @CsvSource({
    "--refine=101, 0..100",
    "--refine=-1, 0..100",
    "--refine=1 --loss=output-error, search by the divergence",
    "--refine=1 --objective=ce, search by the divergence",
    "--refine=1 --strategy=minference, search by the divergence",
    "--refine=1 --limit-per-length=1, holds a prompt of each length back"
  })
  void whatCannotBeRefinedIsRefusedAtOnce(String options, String reason) {
    List<Object> arguments = tune((Object[]) options.split(" "));
    arguments.addAll(List.of("-o", directory.resolve("refused")));
    CommandRun.of(arguments.toArray()).failed(ExitCode.USAGE, reason);
    assertThat(directory.resolve("refused")).doesNotExist();
  }
}
