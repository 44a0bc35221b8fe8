package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.GateQuantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The workflow files that we ship: every command in them is one of ours, with options it has. */
final class CiWorkflowTest {
  private static final Path CI = Path.of("..", "docs", "ci");

  @Test
  void gitHubsStepsAreOurCommands() throws IOException {
    JsonNode workflow = yaml("github-workflow.yml");
    List<String> scripts =
        workflow
            .path("jobs")
            .path("plan")
            .path("steps")
            .valueStream()
            .map(step -> step.path("run").asString(""))
            .toList();
    assertThat(verbs(scripts, workflow.path("env"))).containsExactly("check", "retune");
  }

  @Test
  void gitLabsScriptIsOurCommands() throws IOException {
    JsonNode workflow = yaml("gitlab-ci.yml");
    List<String> scripts =
        workflow.path("sparse-plan").path("script").valueStream().map(JsonNode::asString).toList();
    assertThat(verbs(scripts, workflow.path("variables"))).containsExactly("check", "retune");
  }

  @Test
  void theBudgetThatWeShipNamesEveryGate() {
    Budget budget = Budget.read(CI.resolve("sparse-budget.json"));
    assertThat(budget.gates()).containsOnlyKeys(GateQuantity.values());
  }

  private static JsonNode yaml(String name) throws IOException {
    return YAMLMapper.builder().build().readTree(Files.readAllBytes(CI.resolve(name)));
  }

  /** The verbs of our commands in the scripts, each parsed as it would be. */
  private static List<String> verbs(List<String> scripts, JsonNode variables) {
    var verbs = new ArrayList<String>();
    for (String script : scripts) {
      for (String line : script.replace("\\\n", " ").lines().map(String::strip).toList()) {
        if (line.startsWith("$SPARSEPLAN ")) {
          String[] arguments = arguments(line, variables);
          assertThat(Sparseplan.commandLine().parseArgs(arguments).errors()).isEmpty();
          verbs.add(arguments[0]);
        }
      }
    }
    return verbs;
  }

  private static String[] arguments(String line, JsonNode variables) {
    String command = line.replaceFirst("\\|\\|.*", "").replace("\"", "");
    for (var variable : variables.properties()) {
      command = command.replace("$" + variable.getKey(), variable.getValue().asString());
    }
    String[] words = command.strip().split("\\s+");
    return Arrays.copyOfRange(words, 1, words.length);
  }
}
