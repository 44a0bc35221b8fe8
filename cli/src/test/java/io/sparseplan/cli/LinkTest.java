package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.link.LinkPoint;
import io.sparseplan.plans.link.LossEstimate;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** {@code link} and {@code --link} on llama-1m, as a user runs them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LinkTest {
  private static final String SKIP = "--skip-per-length=2";

  @TempDir static Path directory;
  private Path profile;
  private List<Path> plans;
  private Path file;
  private CommandRun run;
  private LossLink link;

  @BeforeAll
  void link() {
    profile = directory.resolve("model.profile");
    profile(profile, "0");
    Path curve = directory.resolve("curve.json");
    CommandRun.of("search", profile, "--pareto=6", "-o", curve).succeeded();
    plans =
        Curve.read(curve).points().stream()
            .map(point -> curve.resolveSibling(point.plan()))
            .toList();
    file = directory.resolve("model.link.json");
    run = linked(plans, file).succeeded();
    link = LossLink.read(file);
  }

  private static void profile(Path output, String skipped) {
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--lengths=512,1024",
            "--limit-per-length=1",
            "--skip-per-length=" + skipped,
            "-o",
            output)
        .succeeded();
  }

  private static CommandRun linked(List<Path> plans, Path output) {
    var words = new ArrayList<Object>(List.of("link", CommandRun.LLAMA_1M));
    words.addAll(plans);
    words.addAll(List.of(SKIP, "--limit-per-length=1", "-o", output));
    return CommandRun.of(words.toArray());
  }

  @Test
  void eachPointIsWhatThePlanWasPredictedAndMeasuredToLose() {
    Plan fastest = Plan.read(plans.getFirst());
    Path evaluation = directory.resolve("evaluation.json");
    CommandRun.of(
            "evaluate",
            CommandRun.LLAMA_1M,
            "--plan=" + plans.getFirst(),
            "--lengths=512,1024",
            SKIP,
            "--limit-per-length=1",
            "-o",
            evaluation)
        .succeeded();
    double meanOverLengths =
        Evaluation.read(evaluation).plan().orElseThrow().byLength().stream()
            .mapToDouble(at -> at.kl())
            .average()
            .orElseThrow();
    LinkPoint point = link.points().getLast();
    assertThat(point.predicted()).isEqualTo(fastest.solver().loss().found());
    assertThat(point.measured()).isCloseTo(meanOverLengths, within(1e-12));
    assertThat(point.timeRatio()).isEqualTo(fastest.predicted().time().ratio());
    assertThat(link.heldOut()).isTrue();
    assertThat(run.out()).contains("measured KL(dense‖plan) =").contains("on 2 prompts");
  }

  @Test
  void aPlanLiesWhereThePlansBesideItSay() {
    CommandRun searched =
        CommandRun.of(
                "search", profile, "--max-time=0.8", "--link", file, "-o", directory.resolve("p"))
            .succeeded();
    double predicted = Plan.read(directory.resolve("p")).solver().loss().found();
    LossEstimate estimate = link.estimate(predicted).orElseThrow();
    assertThat(estimate.value()).isEqualTo(link.law().at(predicted));
    assertThat(searched.out()).contains("Estimate    %.5f nats".formatted(estimate.value()));
  }

  @Test
  void aBoundOnWhatIsMeasuredBecomesOneOnWhatIsPredicted() {
    double most = link.points().get(link.points().size() / 2).measured();
    Path output = directory.resolve("bounded.json");
    CommandRun.of("search", profile, "--max-loss=" + most, "--link", file, "--seed=1", "-o", output)
        .succeeded();
    Plan plan = Plan.read(output);
    double bound = ((Aim.LeastTime) plan.goal().aim()).maxLoss();
    assertThat(link.law().at(bound)).isCloseTo(most, within(1e-12));
    assertThat(plan.solver().loss().found()).isLessThanOrEqualTo(bound);
  }

  @Test
  void nothingIsEstimatedOutsideOfWhatWasMeasured() {
    assertThat(link.estimate(link.points().getFirst().predicted() / 2)).isEmpty();
    assertThat(link.estimate(link.points().getLast().predicted() * 2)).isEmpty();
    CommandRun.of("search", profile, "--max-loss=30", "--link", file, "-o", directory.resolve("no"))
        .failed(ExitCode.BAD_INPUT, "The measured loss (30.0) is outside");
  }

  @Test
  void aLinkOfAnotherProfileIsRefused() {
    Path other = directory.resolve("other.profile");
    profile(other, "1");
    Path output = directory.resolve("none.json");
    CommandRun.of("search", other, "--max-time=0.8", "--link", file, "-o", output)
        .failed(ExitCode.BAD_INPUT, "this is of a profile of other prompts");
    CommandRun.of(
            "search", profile, "--lengths=512", "--max-time=0.8", "--link", file, "-o", output)
        .failed(ExitCode.BAD_INPUT, "this is of other lengths, 512");
    CommandRun.of(
            "search", profile, "--loss=output-error", "--max-time=1", "--link", file, "-o", output)
        .failed(ExitCode.BAD_INPUT, "this is of another loss, OUTPUT_ERROR");
    assertThat(output).doesNotExist();
  }

  @Test
  void tooFewOrDifferentPlansAreRefused() throws IOException {
    Path none = directory.resolve("none.link.json");
    linked(plans.subList(0, 2), none).failed(ExitCode.BAD_INPUT, "at least 3 plans; 2 are named");
    Path other = directory.resolve("short.json");
    CommandRun.of("search", profile, "--lengths=512", "--max-time=0.9", "-o", other).succeeded();
    linked(List.of(plans.get(0), plans.get(1), other), none)
        .failed(ExitCode.BAD_INPUT, "The plans are of different models");
    Path plan = plans.get(1);
    linked(List.of(plan, plan, plan), none).failed(ExitCode.BAD_INPUT, "there are 1");
    assertThat(none).doesNotExist();
  }

  @Test
  void aLawThatIsNotOfItsPointsIsRefused() throws IOException {
    ObjectNode changed = (ObjectNode) JsonFile.mapper().readTree(Files.readAllBytes(file));
    ((ObjectNode) changed.get("law")).put("factor", link.law().factor() * 1.01);
    Path forged = directory.resolve("forged.link.json");
    JsonFile.write(forged, changed);
    CommandRun.of("search", profile, "--max-time=0.8", "--link", forged)
        .failed(ExitCode.BAD_INPUT, "is not that of the points");
  }
}
