package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What kind of heads llama-1m has, as a user asks for it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShowHeadsTest {
  @TempDir static Path directory;
  private Path profile;

  @BeforeAll
  void profile() {
    profile = directory.resolve("model.profile");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--lengths",
            "512,1024",
            "--limit-per-length",
            "2",
            "-o",
            profile)
        .succeeded();
  }

  @Test
  void theTableHasALineAHead() {
    List<String> lines = CommandRun.of("show", "heads", profile).succeeded().out().lines().toList();
    assertThat(lines).hasSize(2 + 16);
    assertThat(lines.get(0)).contains("entropy", "antidiagonal");
    assertThat(lines.get(1)).startsWith("head").contains("induct.", "retr.", "agree");
    assertThat(lines.get(2)).startsWith("L0.H0 ");
    assertThat(lines.getLast()).startsWith("L3.H3 ");
  }

  @Test
  void theJsonHoldsTheSameAsTheCsv() {
    JsonNode json =
        JsonFile.mapper()
            .readTree(
                CommandRun.of("show", "heads", profile, "--format", "json").succeeded().out());
    List<String> csv =
        CommandRun.of("show", "heads", profile, "--format", "csv")
            .succeeded()
            .out()
            .lines()
            .toList();
    assertThat(csv).hasSize(1 + 16);
    assertThat(csv.getFirst()).startsWith("layer,head,entropyBits,sinkMass");
    for (int head = 0; head < 16; head++) {
      String[] cells = csv.get(1 + head).split(",");
      assertThat(json.get(head).path("entropyBits").doubleValue())
          .isEqualTo(Double.parseDouble(cells[2]));
      assertThat(json.get(head).path("traits").path("keptAgreement").doubleValue())
          .isEqualTo(Double.parseDouble(cells[12]))
          .isBetween(0.0, 1.0);
    }
  }

  @Test
  void aModelThatRetrievesHasAHeadThatCopies() {
    JsonNode heads =
        JsonFile.mapper()
            .readTree(
                CommandRun.of("show", "heads", profile, "--format", "json").succeeded().out());
    double largest = 0;
    for (JsonNode head : heads) {
      largest = Math.max(largest, head.path("traits").path("retrieval").doubleValue());
    }
    assertThat(largest).isGreaterThan(0.5);
  }

  @Test
  void oneLengthAloneMayBeShown() {
    String of512 = CommandRun.of("show", "heads", profile, "--length", "512").succeeded().out();
    assertThat(of512).isNotEqualTo(CommandRun.of("show", "heads", profile).succeeded().out());
    CommandRun.of("show", "heads", profile, "--length", "777")
        .failed(ExitCode.BAD_INPUT, "777 tokens, only of [512, 1024]");
  }

  @Test
  void candidatesFrozenFromTheProfileCanBeScored() throws Exception {
    String frozen =
        CommandRun.of("show", "candidates", profile, "--format", "json").succeeded().out();
    JsonNode candidates = JsonFile.mapper().readTree(frozen).get("candidates");
    JsonNode standard =
        JsonFile.mapper()
            .readTree(CommandRun.of("show", "candidates", "--format", "json").succeeded().out())
            .get("candidates");
    assertThat(candidates.size()).isBetween(standard.size() + 1, standard.size() + 12);
    for (int place = 0; place < candidates.size(); place++) {
      if (place < standard.size()) {
        assertThat(candidates.get(place)).isEqualTo(standard.get(place));
      } else {
        assertThat(candidates.get(place).get("kind").asString()).isEqualTo("frozen_vertical_slash");
      }
    }
    Path file = Files.writeString(directory.resolve("candidates.json"), frozen);
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--lengths=512",
            "--limit-per-length=1",
            "--candidates",
            file,
            "-o",
            directory.resolve("frozen.profile"))
        .succeeded();
  }

  @Test
  void aMissingProfileAndAnOddFormatAreRefused() throws Exception {
    CommandRun.of("show", "heads").failed(ExitCode.USAGE, "of a profile");
    CommandRun.of("show", "candidates", "--format", "csv").failed(ExitCode.USAGE, "no CSV");
    Path other = Files.writeString(directory.resolve("other.profile"), "{}");
    CommandRun.of("show", "heads", other).failed(ExitCode.BAD_INPUT, other.toString());
  }
}
