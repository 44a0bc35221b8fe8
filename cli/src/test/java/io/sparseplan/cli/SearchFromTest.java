package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.pattern.BandOfBlocks;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan that somebody has, made better by the real command. */
final class SearchFromTest {
  private static final Pattern START = Pattern.compile("Start +loss (\\S+) .*, (\\S+) ms");

  @TempDir static Path directory;
  private static Path imported;
  private static Path profile;

  /** MoA's file for llama-1m's four layers of four heads, imported; and profiled beside others. */
  @BeforeAll
  static void importAndProfile() throws IOException {
    Path moa =
        Files.writeString(
            directory.resolve("moa.json"),
            "{\"alphas\": %s, \"betas\": %s}".formatted(matrix("128.0"), matrix("0.25")));
    imported = directory.resolve("imported.json");
    CommandRun run =
        CommandRun.of(
            "import", moa, "--from", "moa", "--model", CommandRun.LLAMA_1M, "-o", imported);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.GOOD);
    profile = directory.resolve("with.profile");
    profiled(profile, "--patterns-of", imported);
  }

  private static String matrix(String value) {
    return Collections.nCopies(4, Collections.nCopies(4, value)).toString();
  }

  private static void profiled(Path into, Object... more) {
    var arguments = new ArrayList<Object>();
    Collections.addAll(
        arguments,
        "profile",
        CommandRun.LLAMA_1M,
        "--family=block-topk",
        "--lengths=1024",
        "--limit-per-length=1",
        "-o",
        into);
    Collections.addAll(arguments, more);
    CommandRun.of(arguments.toArray()).succeeded();
  }

  private record Start(double loss, double millis) {
    static Start printed(CommandRun run) {
      Matcher found = START.matcher(run.out());
      assertThat(found.find()).as(run.out()).isTrue();
      return new Start(Double.parseDouble(found.group(1)), Double.parseDouble(found.group(2)));
    }
  }

  @Test
  void patternsOfThePlanAreProfiledBesideTheOthers() {
    assertThat(Profile.read(profile).candidates())
        .hasSize(1 + 14 + 1)
        .contains(new BandOfBlocks(128, 0.25));
  }

  @Test
  void theSearchFindsWhatLosesLessInThePlansOwnTime() {
    Path better = directory.resolve("better.json");
    CommandRun run = CommandRun.of("search", profile, "--from", imported, "-o", better).succeeded();
    Start start = Start.printed(run);
    assertThat(run.out()).contains("in tiles of 128 where the plan has 64");
    Plan found = Plan.read(better);
    assertThat(found.predicted().time().planMillis()).isLessThanOrEqualTo(start.millis + 1e-4);
    assertThat(found.predicted().loss()).isLessThan(start.loss);
    assertThat(found.goal().limits()).singleElement().isInstanceOf(Limit.MaxMillis.class);
    assertThat(found.goal().rules().churn()).isPresent();
  }

  @Test
  void orWhatIsFasterAndLosesNoMore() {
    Path faster = directory.resolve("faster.json");
    CommandRun run =
        CommandRun.of("search", profile, "--from", imported, "--keep=loss", "-o", faster)
            .succeeded();
    Start start = Start.printed(run);
    Plan found = Plan.read(faster);
    assertThat(found.predicted().loss()).isLessThanOrEqualTo(start.loss * (1 + 1e-3));
    assertThat(found.predicted().time().planMillis()).isLessThanOrEqualTo(start.millis + 1e-4);
    assertThat(((Aim.LeastTime) found.goal().aim()).maxLoss())
        .isGreaterThanOrEqualTo(found.predicted().loss());
  }

  @Test
  void aFoundPlanIsImprovedLikewiseAndNeverGetsWorse() {
    Path better = directory.resolve("first.json");
    CommandRun.of("search", profile, "--family=block-topk", "--max-density=0.7", "-o", better)
        .succeeded();
    Path again = directory.resolve("second.json");
    CommandRun.of("search", profile, "--from", better, "-o", again).succeeded();
    assertThat(Plan.read(again).predicted().loss())
        .isLessThanOrEqualTo(Plan.read(better).predicted().loss());
    assertThat(Plan.read(again).predicted().time().planMillis())
        .isLessThanOrEqualTo(Plan.read(better).predicted().time().planMillis());
  }

  @Test
  void whatTheProfileLacksAndWhatSaysNothingIsRefused() throws IOException {
    Path other = directory.resolve("without.profile");
    Path plan = directory.resolve("none.json");
    profiled(other);
    CommandRun.of("search", other, "--from", imported, "-o", plan)
        .failed(
            ExitCode.BAD_INPUT,
            "has not scored 1 of the patterns of the plan to start from: moa128+0.25N.");
    CommandRun.of("search", profile, "--max-time=0.5", "--keep=loss", "-o", plan)
        .failed(ExitCode.USAGE, "--keep says what --from allows");
    CommandRun.of("search", profile, "-o", plan).failed(ExitCode.USAGE, "No goal is given");
  }
}
