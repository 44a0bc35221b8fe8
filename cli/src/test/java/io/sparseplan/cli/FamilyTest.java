package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.StepReads;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pattern families from the command line to a plan whose heads pick their tiles. */
final class FamilyTest {
  private static final int HEADS_OF_LAYER = 4;

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
  void rulesOfDecodingAreProfiledAndSharedOutOverHeads() throws IOException {
    Path candidates =
        Files.writeString(
            directory.resolve("candidates.json"),
            """
            {"schemaVersion": 1, "candidates": [
              {"kind": "dense"},
              {"kind": "tokens_of_layer", "chosenInLayer": 1, "budgetTokens": 64},
              {"kind": "kv_budget", "capacityTokens": 64, "observedTokens": 16,
               "kernelTokens": 5, "pooling": "maxpool"},
              {"kind": "page_top_k", "pageTokens": 16, "partTokens": 16,
               "budgetTokens": 64, "reuseSteps": 1},
              {"kind": "compensated_buffer", "sinkTokens": 4, "leastTokens": 64, "beta": 0},
              {"kind": "heavy_channels", "channels": [0, 5, 1], "budgetTokens": 64}
            ]}
            """);
    Path profile = directory.resolve("model.profile");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--candidates",
            candidates,
            "--lengths=512",
            "--limit-per-length=1",
            "-o",
            profile)
        .succeeded();
    List<HeadStatistics> heads = Profile.read(profile).prompts().getFirst().heads();
    for (int place = 0; place < heads.size(); place++) {
      float[] recall = heads.get(place).recall();
      boolean reads = place / HEADS_OF_LAYER > 1;
      assertThat(recall[1] < 1).as("head %d reads what layer 1 chose", place).isEqualTo(reads);
      for (int rule = 2; rule < recall.length; rule++) {
        assertThat(recall[rule]).as("head %d", place).isLessThan(1);
      }
    }

    Path plan = directory.resolve("plan.json");
    CommandRun.of("search", profile, "--max-kv", "512=0.6", "-o", plan).succeeded();
    Plan kept = Plan.read(plan);
    assertThat(kept.heads())
        .anyMatch(
            head ->
                head.prefill() instanceof KvBudget || head.prefill() instanceof CompensatedBuffer);
    assertThat(kept.predicted().byLength().getFirst().kvCache().ratio())
        .isLessThanOrEqualTo(0.6 + 1e-9);
    assertThat(kept.warnings()).anyMatch(warning -> warning.contains("rules of decoding"));
    CommandRun.of("price", plan).succeeded();
    assertThat(CommandRun.of("price", plan, "--phase", "decode").succeeded().out())
        .contains("KV cache read");

    CommandRun.of("search", profile, "--max-reads", "512=0.6", "-o", plan).succeeded();
    assertThat(Plan.read(plan).heads()).anyMatch(head -> head.prefill() instanceof DecodePattern);
    assertThat(StepReads.ratioOf(Plan.read(plan), Tokens.of(512))).isLessThanOrEqualTo(0.6 + 1e-9);
    Path report = directory.resolve("pages.html");
    CommandRun.of("report", plan, "--profile", profile, "-o", report).succeeded();
    assertThat(Files.readString(report)).contains("reads of a decode step");
  }

  @Test
  void rulesOfDecodingNeedPromptsWithAnswers() throws IOException {
    Path prompts = Files.writeString(directory.resolve("text.jsonl"), "{\"ids\": [1, 2, 3, 4]}\n");
    Path profile = directory.resolve("model.profile");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--family=kv-budget",
            "--prompts",
            prompts,
            "-o",
            profile)
        .failed(ExitCode.BAD_INPUT, "scored on the tokens of answers; the prompt of line 1 marks");
  }

  @Test
  void whatRuntimesOfPeersChooseByIsProfiledSearchedPricedAndEvaluated() throws IOException {
    String families = "antidiagonal,similarity,hierarchical,skip-softmax,hash-buckets";
    Path profile = directory.resolve("rules.profile");
    CommandRun.of(
            "profile",
            CommandRun.LLAMA_1M,
            "--family",
            families,
            "--lengths=512",
            "--limit-per-length=1",
            "-o",
            profile)
        .succeeded();
    assertThat(Profile.read(profile).candidates()).hasSize(1 + 12 + 15 + 11 + 8 + 9);
    Path plan = directory.resolve("rules.json");
    CommandRun.of("search", profile, "--max-density", "0.8", "-o", plan).succeeded();
    assertThat(Plan.read(plan).heads()).anyMatch(head -> head.prefill() instanceof SelectedPattern);
    CommandRun.of("search", profile, "--family=hash-buckets", "--max-density=0.9", "-o", plan)
        .succeeded();
    assertThat(Plan.read(plan).heads()).anyMatch(head -> head.prefill() instanceof HashBuckets);
    CommandRun.of("price", plan, "--profile", profile).succeeded();
    CommandRun.of(
            "evaluate",
            CommandRun.LLAMA_1M,
            "--plan",
            plan,
            "--lengths=512",
            "--limit-per-length=1")
        .succeeded();
  }

  @Test
  void aFamilyThatThereIsNotIsRefused() {
    CommandRun.of("show", "candidates", "--family", "psychic")
        .failed(ExitCode.USAGE, "--family 'psychic' is none of streaming, tri-shape, strided");
    CommandRun.of("show", "candidates", "--family", "mixed", "--candidates", "some.json")
        .failed(ExitCode.USAGE, "--candidates and --family");
  }
}
