package io.sparseplan.cli;

import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.check.CheckReport.Verdict;
import io.sparseplan.plans.check.GateQuantity;
import io.sparseplan.plans.check.GateResult;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Tool;
import java.nio.file.Path;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gates that are not kept as SARIF 2.1.0, which GitHub's code scanning shows beside the plan's
 * file: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
final class SarifLog {
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  private static final String HEADS = "heads";

  private final Path plan;
  private final ArrayNode results;

  private SarifLog(Path plan, ArrayNode results) {
    this.plan = plan;
    this.results = results;
  }

  static String of(CheckReport report, Path plan) {
    ObjectNode log = JsonFile.mapper().createObjectNode();
    log.put("$schema", SCHEMA);
    log.put("version", "2.1.0");
    ObjectNode run = log.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", Tool.THIS.name());
    driver.put("semanticVersion", Tool.THIS.version());
    rules(driver.putArray("rules"));
    new SarifLog(plan, run.putArray("results")).add(report);
    return JsonFile.pretty(log) + "\n";
  }

  private static void rules(ArrayNode rules) {
    rule(rules, HEADS, "the plan's heads are not those of the model");
    for (GateQuantity quantity : GateQuantity.values()) {
      rule(rules, quantity.title(), quantity.meaning());
    }
  }

  private static void rule(ArrayNode rules, String id, String meaning) {
    ObjectNode rule = rules.addObject();
    rule.put("id", id);
    rule.putObject("shortDescription").put("text", meaning);
  }

  private void add(CheckReport report) {
    if (report.verdict() == Verdict.RETUNE) {
      result(HEADS, "error", report.reason());
    }
    for (GateResult gate : report.gates()) {
      switch (gate.outcome()) {
        case FAILED -> result(gate.quantity().title(), "error", GateSentence.of(gate));
        case WARNED -> result(gate.quantity().title(), "warning", GateSentence.of(gate));
        case PASSED, UNCHANGED, OFF -> {}
      }
    }
  }

  private void result(String rule, String level, String message) {
    ObjectNode result = results.addObject();
    result.put("ruleId", rule);
    result.put("level", level);
    result.putObject("message").put("text", message);
    ObjectNode location = result.putArray("locations").addObject().putObject("physicalLocation");
    location.putObject("artifactLocation").put("uri", uri());
    location.putObject("region").put("startLine", 1);
  }

  /**
   * Relative to the working directory, which in CI is the repository's root, where it lies there.
   */
  private String uri() {
    Path root = Path.of("").toAbsolutePath();
    Path absolute = plan.toAbsolutePath().normalize();
    return absolute.startsWith(root)
        ? root.toUri().relativize(absolute.toUri()).toASCIIString()
        : absolute.toUri().toASCIIString();
  }
}
