package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pattern families from the command line to a plan whose heads pick their tiles. */
final class FamilyTest {
  @TempDir Path directory;

  @Test
  void aPlanOfSelectedPatternsIsTunedPricedAndSearchedAgain() throws IOException {
    Path output = directory.resolve("out");
    CommandRun.of(
            "tune",
            CommandRun.LLAMA_1M,
            "--family",
            "vertical-slash,block-topk",
            "--lengths=1024",
            "--limit-per-length=1",
            "--max-density",
            "0.6",
            "-o",
            output)
        .succeeded();
    Path plan = output.resolve(Outputs.PLAN);
    Path profile = output.resolve(Outputs.PROFILE);
    Plan tuned = Plan.read(plan);
    assertThat(tuned.heads()).anyMatch(head -> head.prefill() instanceof SelectedPattern);
    assertThat(tuned.predicted().byLength().getFirst().density()).isLessThanOrEqualTo(0.6 + 1e-9);

    CommandRun.of("price", plan).failed(ExitCode.BAD_INPUT, "picks its tiles by the scores");
    String beyond =
        CommandRun.of("price", plan, "--profile", profile, "--length", "2048").succeeded().out();
    assertThat(beyond).contains("At 2048 tokens every head is dense").contains("(1.00×)");
    CommandRun.of("price", plan, "--profile", profile, "--length", "512")
        .failed(ExitCode.BAD_INPUT, "length (512) is out of range");
    String priced = CommandRun.of("price", plan, "--profile", profile).succeeded().out();
    assertThat(priced)
        .contains("%.4f ms".formatted(tuned.predicted().byLength().getFirst().time().planMillis()));

    Path again = directory.resolve("again.json");
    CommandRun.of("search", profile, "--family", "block-topk", "--max-density", "0.6", "-o", again)
        .succeeded();
    assertThat(Plan.read(again).heads()).noneMatch(head -> head.prefill().label().startsWith("v"));
    assertThat(Profile.read(profile).candidates()).hasSize(1 + 17 + 14);
  }

  @Test
  void aCacheBudgetIsSharedOutOverHeadsByRulesOfDecoding() throws IOException {
    Path output = directory.resolve("out");
    CommandRun.of(
            "tune",
            CommandRun.LLAMA_1M,
            "--family",
            "kv-budget,page-topk,compensated-buffer",
            "--lengths=1024",
            "--limit-per-length=1",
            "--max-kv",
            "1024=0.4",
            "-o",
            output)
        .succeeded();
    Path plan = output.resolve(Outputs.PLAN);
    Plan tuned = Plan.read(plan);
    assertThat(tuned.heads()).anyMatch(head -> head.prefill() instanceof KvBudget);
    assertThat(tuned.predicted().byLength().getFirst().kvCache().ratio())
        .isLessThanOrEqualTo(0.4 + 1e-9);
    assertThat(tuned.warnings()).anyMatch(warning -> warning.contains("rules of decoding"));
    CommandRun.of("price", plan).succeeded();
    assertThat(CommandRun.of("price", plan, "--phase", "decode").succeeded().out())
        .contains("KV cache read");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--family",
            "kv-budget",
            "--prompts",
            text(),
            "-o",
            plan)
        .failed(ExitCode.BAD_INPUT, "scored on the tokens of answers; the prompt of line 1 marks");
  }

  private Path text() throws IOException {
    return Files.writeString(directory.resolve("text.jsonl"), "{\"ids\": [1, 2, 3, 4]}\n");
  }

  @Test
  void aFamilyThatThereIsNotIsRefused() {
    CommandRun.of("show", "candidates", "--family", "psychic")
        .failed(ExitCode.USAGE, "--family 'psychic' is none of streaming, tri-shape, strided");
    CommandRun.of("show", "candidates", "--family", "mixed", "--candidates", "some.json")
        .failed(ExitCode.USAGE, "--candidates and --family");
  }
}
