package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a run left in its output directory. */
final class ResultFiles {
  private ResultFiles() {}

  /** All that lies in a directory, deepest first. */
  static List<Path> all(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output)) {
      return new TreeSet<>(files.filter(file -> !file.equals(output)).toList())
          .descendingSet().stream().toList();
    }
  }

  /** The results in a directory, by their names, without what two runs differ in. */
  static Map<String, String> contents(Path output) throws IOException {
    var contents = new TreeMap<String, String>();
    for (Path file : all(output)) {
      String name = file.getFileName().toString();
      if (file.getParent().equals(output) && Files.isRegularFile(file) && !name.startsWith(".")) {
        contents.put(name, content(file, name));
      }
    }
    return contents;
  }

  /** Of a file that is whole; one that is not cannot be read. */
  private static String content(Path file, String name) throws IOException {
    return switch (name) {
      case "model.profile" -> {
        Profile.read(file);
        yield ProfileBytes.withoutRun(file).toString();
      }
      case "plan.json" -> {
        Plan.read(file);
        yield withoutRun(file);
      }
      case "report.html" -> {
        assertThat(Files.readString(file)).endsWith("</html>\n");
        yield withoutRun(ReportPage.readData(file).plan());
      }
      case "plan.digest.json", "comment.md" -> Sha256.ofFile(file).hex();
      default -> withoutRun(file);
    };
  }

  private static String withoutRun(Plan plan) {
    ObjectNode node = JsonFile.mapper().valueToTree(plan);
    node.remove("run");
    return node.toString();
  }

  private static String withoutRun(Path file) {
    ObjectNode node = (ObjectNode) JsonFile.read(file, JsonNode.class, "file");
    node.remove("run");
    return node.toString();
  }
}
