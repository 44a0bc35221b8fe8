package io.sparseplan.cli;

import static io.sparseplan.cli.ModelRevision.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A plan for llama-1m, and revisions of the model of which it is known what changed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckTest {
  private static final double MOST_TIME = 0.7;

  @TempDir static Path directory;
  private Path published;
  private Path candidates;

  @BeforeAll
  void publish() throws IOException {
    candidates = directory.resolve("candidates.json");
    CandidateSet standard = CandidateSet.standard();
    JsonFile.write(
        candidates,
        new CandidateSet(standard.schemaVersion(), standard.candidates().subList(0, 12)));
    Path output = directory.resolve("published");
    CommandRun.of(
            "tune",
            CommandRun.LLAMA_1M,
            "--max-time=" + MOST_TIME,
            "--lengths=512,1024",
            "--limit-per-length=2",
            "--candidates",
            candidates,
            "-o",
            output)
        .succeeded();
    published = output.resolve("plan.json");
  }

  private static Path budget(String name, String gates) throws IOException {
    return Files.writeString(
        directory.resolve(name),
        """
        {"schemaVersion":1,"headDrift":{"moved":0.05,"entropyBits":0.5},"gates":{%s}}
        """
            .formatted(gates));
  }

  private static String gate(String name, String level, double limit) {
    return "\"%s\":{\"level\":\"%s\",\"limit\":%s}".formatted(name, level, limit);
  }

  private CommandRun check(Path model, Path budget, Object... more) {
    var arguments =
        new ArrayList<Object>(List.of("check", model, "--baseline", published, "--budget", budget));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray());
  }

  @Test
  void theSameWeightsAreValidAtOnce() throws IOException {
    Path budget =
        budget("same.json", gate("drift", "error", 0) + "," + gate("time", "error", MOST_TIME));
    long startedNanos = System.nanoTime();
    CommandRun run = check(CommandRun.LLAMA_1M, budget).succeeded();
    assertThat(Duration.ofNanos(System.nanoTime() - startedNanos))
        .isLessThan(Duration.ofSeconds(2));
    assertThat(run.out())
        .startsWith("valid")
        .containsPattern("drift +unchanged +error +≤ 0.0000 ")
        .containsPattern("time +passed +error +≤ 0.70000 +0\\.[0-9]+ +512 tokens: ");
  }

  @Test
  void aPublishedPlanThatBreaksAGateFailsThoughTheWeightsAreTheSame() throws IOException {
    Path budget = budget("tight.json", gate("time", "error", 0.01));
    CommandRun run = check(CommandRun.LLAMA_1M, budget);
    assertThat(run.exitCode()).isEqualTo(ExitCode.GATE_FAILED);
    assertThat(run.out()).startsWith("failed").containsPattern("time +failed +error");
  }

  @Test
  void headsThatChangedPlacesAreNamedAndNoOthers() throws IOException {
    Path model =
        new ModelRevision().swap(head(2, 0), head(2, 1)).write(directory.resolve("swapped"));
    Path budget = budget("drift.json", gate("drift", "error", 0) + "," + gate("loss", "warn", 10));
    assertThat(drifted(model, budget)).containsExactlyInAnyOrder("L2.H0", "L2.H1");
  }

  @Test
  void headsThatWereBlindedAreNamedAndNoneOfThoseBehindThem() throws IOException {
    List<HeadId> blinded = List.of(head(0, 0), head(1, 2));
    var revision = new ModelRevision();
    blinded.forEach(revision::blind);
    Path model = revision.write(directory.resolve("blinded-two"));
    Path budget = budget("blind.json", gate("drift", "warn", 0) + "," + gate("kl", "off", 0));
    assertThat(drifted(model, budget)).containsExactlyInAnyOrder("L0.H0", "L1.H2");
  }

  @Test
  void driftAgainstADigestOfAnotherArithmeticSaysSo() throws IOException {
    Path digest = directory.resolve("bf16.digest.json");
    String text = Files.readString(published.resolveSibling("plan.digest.json"));
    assertThat(text).contains("\"arithmetic\":\"float32\"");
    Files.writeString(
        digest, text.replace("\"arithmetic\":\"float32\"", "\"arithmetic\":\"bf16\""));
    Path model = new ModelRevision().blind(head(3, 0)).write(directory.resolve("blinded-once"));
    Path budget = budget("bf16.json", gate("drift", "warn", 0));
    CommandRun run = check(model, budget, "--digest", digest, "--limit-per-length=1").succeeded();
    assertThat(run.out())
        .contains("Drift is against bf16 on a GPU, in float32 on the CPU: what rounding changes");
  }

  private List<String> drifted(Path model, Path budget) {
    CommandRun run = check(model, budget, "--format", "json", "--limit-per-length=1");
    assertThat(run.err()).isEmpty();
    JsonNode report = JsonFile.mapper().readTree(run.out());
    assertThat(report.path("heads").size()).isEqualTo(16);
    return report
        .path("drifted")
        .valueStream()
        .map(drift -> head(drift.path("layer").asInt(), drift.path("head").asInt()).toString())
        .toList();
  }

  @Test
  void aFailedGateIsTheExitCodeAndStandsInEveryFile() throws Exception {
    Path model = new ModelRevision().blind(head(2, 1)).write(directory.resolve("blinded"));
    Path budget =
        budget(
            "files.json",
            String.join(
                ",",
                gate("drift", "error", 0.01),
                gate("kl", "warn", 0),
                gate("time", "error", MOST_TIME),
                gate("memory", "off", 0)));
    Path junit = directory.resolve("junit.xml");
    Path sarif = directory.resolve("check.sarif");
    Path json = directory.resolve("check.json");
    CommandRun run = check(model, budget, "--junit", junit, "--sarif", sarif, "-o", json);
    assertThat(run.exitCode()).isEqualTo(ExitCode.GATE_FAILED);
    assertThat(run.out())
        .startsWith("failed")
        .contains("1 of 16 attend otherwise")
        .containsPattern("drift +failed +error +≤ 0.0100.* 0.0625.* L2.H1: 0\\.")
        .containsPattern("kl +warned +warn")
        .containsPattern("memory +off +off");

    JunitReport gates = JunitReport.read(junit);
    assertThat(gates.cases())
        .extracting(JunitReport.TestCase::name)
        .containsExactly("heads", "drift", "kl", "time", "memory");
    assertThat(gates.failed()).containsExactly("drift");
    assertThat(gates.cases().get(1).failure())
        .contains("drift: ≤ 0.010000 expected, found 0.062500");

    String log = Files.readString(sarif);
    assertThat(SarifSchema.errors(log)).isEmpty();
    assertThat(SarifSchema.errors(log.replace("\"ruleId\"", "\"ruleIdentity\""))).isNotEmpty();
    JsonNode found =
        JsonFile.read(sarif, JsonNode.class, "log").path("runs").path(0).path("results");
    assertThat(found.valueStream().map(result -> result.path("ruleId").asString()))
        .containsExactly("drift", "kl");
    assertThat(found.path(0).path("level").asString()).isEqualTo("error");
    assertThat(found.path(1).path("level").asString()).isEqualTo("warning");
    assertThat(JsonFile.read(json, JsonNode.class, "report").path("verdict").asString())
        .isEqualTo("gate-failed");
  }

  @Test
  void otherHeadsMustBeTunedAgain() throws Exception {
    Path model = new ModelRevision().write(directory.resolve("shorter"));
    Path config = model.resolve("model/config.json");
    Files.writeString(
        config,
        Files.readString(config).replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 3"));
    Path junit = directory.resolve("shorter.xml");
    Path sarif = directory.resolve("shorter.sarif");
    Path budget = budget("any.json", gate("time", "error", 1));
    CommandRun run = check(model, budget, "--junit", junit, "--sarif", sarif);
    assertThat(run.exitCode()).isEqualTo(ExitCode.GATE_FAILED);
    assertThat(run.out()).startsWith("retune").contains("4 layers").contains("3 layers");
    assertThat(JunitReport.read(junit).failed()).containsExactly("heads");
    assertThat(SarifSchema.errors(Files.readString(sarif))).isEmpty();
    assertThat(sarif).content().contains("\"ruleId\" : \"heads\"");
    CommandRun.of("retune", model, "--from", published, "-o", directory.resolve("no"))
        .failed(ExitCode.BAD_INPUT, "has 3 of 4");
  }

  @Test
  void aRetunedPlanKeepsMostHeadsAndTheGoal() throws IOException {
    Path model =
        new ModelRevision().blind(head(1, 2)).blind(head(3, 0)).write(directory.resolve("new"));
    Path output = directory.resolve("retuned");
    Path budget =
        budget("retune.json", gate("churn", "error", 0.2) + "," + gate("time", "error", MOST_TIME));
    CommandRun run =
        CommandRun.of(
                "retune",
                model,
                "--from",
                published,
                "--max-churn=0.2",
                "--budget",
                budget,
                "--lengths=512,1024",
                "--limit-per-length=2",
                "--candidates",
                candidates,
                "-o",
                output)
            .succeeded();
    Plan before = Plan.read(published);
    Plan after = Plan.read(output.resolve("plan.json"));
    PlanDiff diff = PlanDiff.between(before, after);
    assertThat(diff.churn()).isLessThanOrEqualTo(0.2);
    assertThat(after.predicted().time().ratio()).isLessThanOrEqualTo(MOST_TIME);
    assertThat(after.goal().limits()).isEqualTo(before.goal().limits());
    assertThat(run.out()).containsPattern("churn +passed").containsPattern("time +passed");
    assertThat(output.resolve("report.html")).exists();
    assertThat(output.resolve("comment.md")).content().contains("Change against the baseline");

    // The new plan is what is published next: it is valid for the model that it was made for.
    CommandRun.of("check", model, "--baseline", output.resolve("plan.json"), "--budget", budget)
        .succeeded();
  }

  @Test
  void whatIsNotOfThePlanIsRefused() throws IOException {
    Path model = new ModelRevision().blind(head(0, 1)).write(directory.resolve("refused"));
    Path budget = budget("refused.json", gate("time", "error", 1));
    check(model, budget, "--digest", directory.resolve("nowhere"))
        .failed(ExitCode.BAD_INPUT, "There is no digest (");
    Path prompts = Files.writeString(directory.resolve("other.jsonl"), "{\"ids\":[1,2,3,4,5]}\n");
    check(model, budget, "--prompts", prompts)
        .failed(ExitCode.BAD_INPUT, "is not among the 1 prompts of the file (");
    check(model, budget("typo.json", gate("tiem", "error", 1))).failed(ExitCode.BAD_INPUT, "tiem");
    check(model, budget("negative.json", gate("time", "error", -1)))
        .failed(ExitCode.BAD_INPUT, "The limit (-1.0) of a gate is not >= 0.");
    Path digest = published.resolveSibling("plan.digest.json");
    Path otherDigest =
        Files.writeString(
            directory.resolve("other.digest.json"),
            Files.readString(digest).replaceFirst("\"heads\":\"[0-9a-f]{4}", "\"heads\":\"0000"));
    check(model, budget, "--digest", otherDigest)
        .failed(ExitCode.BAD_INPUT, "is not of the plan (");
    CommandRun.of("retune", model, "--from", published, "-o", published.getParent())
        .failed(ExitCode.BAD_INPUT, "holds the published plan");
    assertThat(published).exists();
  }
}
