package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A repository as the shipped workflow files expect it: the command, a budget, llama-1m with two of
 * its prompts, and, once it is published, its plan.
 */
record ScratchRepository(Path root) {
  static ScratchRepository create(Path root) throws IOException {
    Path launcher = Files.createDirectories(root.resolve("bin")).resolve("sparseplan");
    String java =
        ForkedRun.command().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    Files.writeString(launcher, "#!/bin/sh\nexec %s \"$@\"\n".formatted(java));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path budget = Path.of("docs", "ci", "sparse-budget.json");
    Files.createDirectories(root.resolve(budget).getParent());
    JsonFile.write(root.resolve(budget), strict(Path.of("..").resolve(budget)));
    return new ScratchRepository(root);
  }

  /**
   * The budget that we ship, whose errors are only what is known beforehand: which heads changed,
   * the goal's time, and the churn. What two prompts say of answers is not.
   */
  private static JsonNode strict(Path shipped) {
    JsonNode budget = JsonFile.read(shipped, JsonNode.class, "budget");
    ObjectNode gates = (ObjectNode) budget.path("gates");
    for (String name : gates.propertyNames()) {
      String level = List.of("drift", "time", "churn").contains(name) ? "error" : "warn";
      ((ObjectNode) gates.path(name)).put("level", level);
    }
    return budget;
  }

  /** Commits a revision of the model in place of the one before it. */
  void commit(ModelRevision revision) throws IOException {
    Path model = root.resolve("models/llama-1m");
    if (Files.exists(model)) {
      Files.delete(model.resolve("model/model.safetensors"));
      Files.delete(model.resolve("model/config.json"));
      Files.delete(model.resolve("prompts-calibration.jsonl.gz"));
    }
    revision.write(model);
    keepTwoPrompts(model.resolve("prompts-calibration.jsonl.gz"));
  }

  /** What the steps do depends on no more of them, but how long they take does. */
  private static void keepTwoPrompts(Path file) throws IOException {
    List<String> lines;
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      lines = reader.lines().filter(line -> line.contains("\"length\": 1024")).limit(2).toList();
    }
    assertThat(lines).hasSize(2);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Runs a script in the repository's root, as a step of a workflow. */
  Step run(List<String> shell, String script, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path file = Files.writeString(root.resolve("step.sh"), script);
    Path log = root.resolve("step.log");
    var command = new ArrayList<>(shell);
    command.add(file.toString());
    var builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectError(root.resolve("step.err").toFile())
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Step(code, Files.readString(log));
  }

  /** What a step ended with, and what it said. */
  record Step(int exitCode, String log) {}
}
