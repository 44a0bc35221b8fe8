package io.sparseplan.cli;

import static io.sparseplan.cli.ModelRevision.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.GateQuantity;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The workflow files that we ship, run step by step as they are written, with the variables that
 * they set, where a plan was published as docs/ci.md says and then the model changes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledOnOs(OS.LINUX)
final class CiWorkflowTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path CI = DOCS.resolve("ci");

  /** How GitHub runs a step that names no shell. */
  private static final List<String> GITHUB_SHELL = List.of("bash", "-e");

  /** How GitLab's runner runs the lines of a script. */
  private static final List<String> GITLAB_SHELL = List.of("bash", "-eo", "pipefail");

  @TempDir static Path directory;
  private ScratchRepository repository;

  @BeforeAll
  void publish() throws Exception {
    repository = ScratchRepository.create(directory);
    repository.commit(new ModelRevision());
    Matcher block =
        Pattern.compile("(?s)## Publish\n.*?```\n(.*?)```")
            .matcher(Files.readString(DOCS.resolve("ci.md")));
    assertThat(block.find()).isTrue();
    ScratchRepository.Step step = repository.run(GITHUB_SHELL, block.group(1), Map.of());
    assertThat(step.exitCode()).as(step.log()).isZero();
  }

  @Test
  void onGitHubTheSameWeightsAreCheckedAndOtherWeightsTunedAgain() throws Exception {
    repository.commit(new ModelRevision());
    Map<String, String> same = gitHub();
    assertThat(same).containsOnlyKeys("Check the published plan against the model");
    assertThat(same.values()).allMatch(log -> log.startsWith("valid"));
    assertSarifFitsItsSchema("check.sarif", false);

    repository.commit(new ModelRevision().blind(head(0, 0)).blind(head(1, 2)));
    Map<String, String> changed = gitHub();
    assertThat(changed.keySet())
        .containsExactly(
            "Check the published plan against the model",
            "Tune again, close to the published plan",
            "Comment");
    assertThat(changed.get("Check the published plan against the model"))
        .startsWith("failed")
        .contains("2 of 16 attend otherwise")
        .contains("L0.H0")
        .contains("L1.H2");
    assertRetunedWithinChurn();
    assertSarifFitsItsSchema("check.sarif", true);
    assertSarifFitsItsSchema("retune.sarif", false);
    assertThat(repository.root().resolve("summary.md"))
        .content()
        .contains("Change against the baseline");
  }

  @Test
  void onGitLabTheSameWeightsAreCheckedAndOtherWeightsTunedAgain() throws Exception {
    repository.commit(new ModelRevision());
    assertThat(gitLab()).startsWith("valid").doesNotContain("Change against the baseline");
    repository.commit(new ModelRevision().blind(head(0, 0)).blind(head(1, 2)));
    assertThat(gitLab()).startsWith("failed").contains("Change against the baseline");
    assertRetunedWithinChurn();
  }

  /** What the steps leave behind for reviewers and for what shows gates. */
  private void assertRetunedWithinChurn() throws Exception {
    Path built = repository.root().resolve("build/sparseplan");
    Path published = repository.root().resolve("plans/llama-1m/plan.json");
    PlanDiff diff =
        PlanDiff.between(Plan.read(published), Plan.read(built.resolve("new/plan.json")));
    assertThat(diff.churn()).isLessThanOrEqualTo(0.25);
    assertThat(built.resolve("new/report.html")).isNotEmptyFile();
    assertThat(JunitReport.read(built.resolve("check.xml")).failed()).contains("drift");
    assertThat(JunitReport.read(built.resolve("retune.xml")).failed()).isEmpty();
  }

  private void assertSarifFitsItsSchema(String name, boolean findsDrift) throws IOException {
    String log = Files.readString(repository.root().resolve("build/sparseplan").resolve(name));
    assertThat(SarifSchema.errors(log)).isEmpty();
    assertThat(log.contains("\"uri\" : \"plans/llama-1m/plan.json\"")).isEqualTo(findsDrift);
  }

  /** The logs of the steps that ran, by their names; every one must succeed. */
  private Map<String, String> gitHub() throws Exception {
    JsonNode workflow = yaml("github-workflow.yml");
    Path outputs = Files.writeString(repository.root().resolve("outputs"), "");
    var environment = variables(workflow.path("env"));
    environment.put("GITHUB_OUTPUT", outputs.toString());
    environment.put("GITHUB_STEP_SUMMARY", repository.root().resolve("summary.md").toString());
    var logs = new LinkedHashMap<String, String>();
    for (JsonNode step : workflow.path("jobs").path("plan").path("steps")) {
      String condition = step.path("if").asString("always()");
      if (step.has("run") && holds(condition, Files.readString(outputs))) {
        ScratchRepository.Step ran =
            repository.run(GITHUB_SHELL, step.path("run").asString(), environment);
        assertThat(ran.exitCode()).as(ran.log()).isZero();
        logs.put(step.path("name").asString(), ran.log());
      }
    }
    return logs;
  }

  /** Of GitHub's expressions those that the file has: outputs of the check, and always(). */
  private static boolean holds(String condition, String outputs) {
    for (String term : condition.split("&&")) {
      Matcher output =
          Pattern.compile("steps\\.check\\.outputs\\.(\\w+) == '(\\w+)'").matcher(term.strip());
      if (output.matches()) {
        if (!outputs.contains(output.group(1) + "=" + output.group(2) + "\n")) {
          return false;
        }
      } else {
        assertThat(term.strip()).isEqualTo("always()");
      }
    }
    return true;
  }

  private String gitLab() throws Exception {
    JsonNode workflow = yaml("gitlab-ci.yml");
    var script = new StringBuilder();
    workflow.path("sparse-plan").path("script").forEach(line -> script.append(line.asString()));
    ScratchRepository.Step ran =
        repository.run(GITLAB_SHELL, script.toString(), variables(workflow.path("variables")));
    assertThat(ran.exitCode()).as(ran.log()).isZero();
    return ran.log();
  }

  private static Map<String, String> variables(JsonNode node) {
    var variables = new HashMap<String, String>();
    node.properties().forEach(entry -> variables.put(entry.getKey(), entry.getValue().asString()));
    return variables;
  }

  @Test
  void theBudgetThatWeShipNamesEveryGate() {
    Budget budget = Budget.read(CI.resolve("sparse-budget.json"));
    assertThat(budget.gates()).containsOnlyKeys(GateQuantity.values());
  }

  private static JsonNode yaml(String name) throws IOException {
    return YAMLMapper.builder().build().readTree(Files.readAllBytes(CI.resolve(name)));
  }
}
