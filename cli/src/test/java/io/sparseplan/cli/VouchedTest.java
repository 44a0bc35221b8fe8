package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Vouched.Beyond;
import io.sparseplan.plans.plan.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What becomes of prompts that are longer than those that a plan was made from. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VouchedTest {
  @TempDir static Path directory;
  private Path profile;
  private Path dense;
  private Path patterns;

  @BeforeAll
  void makePlans() {
    profile = directory.resolve("model.profile");
    CommandRun.of(
            "profile", CommandRun.LLAMA_1M, "--lengths=512", "--limit-per-length=1", "-o", profile)
        .succeeded();
    dense = search("dense.json");
    patterns = search("patterns.json", "--beyond=patterns");
  }

  private Path search(String name, String... more) {
    Path file = directory.resolve(name);
    CommandRun.of(
            Stream.concat(
                    Stream.of("search", profile, "--max-density=0.8", "-o", file),
                    Arrays.stream(more))
                .toArray())
        .succeeded();
    return file;
  }

  private static JsonNode price(Path plan, String... more) {
    return JsonFile.mapper()
        .readTree(
            CommandRun.of(
                    Stream.concat(
                            Stream.of("price", plan, "--length=512,1024", "--format=json"),
                            Arrays.stream(more))
                        .toArray())
                .succeeded()
                .out());
  }

  private static double millis(JsonNode price, int lengthIndex) {
    return price.path("by_length").get(lengthIndex).path("predicted_ms").doubleValue();
  }

  private static double denseMillis(JsonNode price, int lengthIndex) {
    JsonNode first = price.path("by_length").get(lengthIndex).path("dense").get(0);
    return first.path("predicted_ms").doubleValue();
  }

  @Test
  void thePlanSaysHowFarItIsVouchedForAndWhatRunsBeyond() {
    assertThat(Plan.read(dense).predicted().vouched().upTo()).isEqualTo(Tokens.of(512));
    assertThat(Plan.read(patterns).predicted().vouched().beyond()).isEqualTo(Beyond.PATTERNS);
    assertThat(Plan.read(patterns).heads()).isEqualTo(Plan.read(dense).heads());
    assertThat(CommandRun.of("show", dense).succeeded().out())
        .contains("vouched for up to 512 tokens; longer prompts run dense");
  }

  @Test
  void pricesAreThoseOfDenseBeyondAndOfThePatternsUpToIt() {
    JsonNode beyondDense = price(dense, "--batch=64");
    JsonNode beyondSparse = price(patterns, "--batch=64");
    assertThat(millis(beyondDense, 0)).isEqualTo(millis(beyondSparse, 0));
    assertThat(millis(beyondDense, 1)).isCloseTo(denseMillis(beyondDense, 1), within(1e-9));
    assertThat(millis(beyondSparse, 1)).isLessThan(denseMillis(beyondSparse, 1));
    assertThat(beyondDense.path("warnings").toString())
        .contains("At 1024 tokens every head is dense: the plan is vouched for up to 512.");
    JsonNode decode = price(dense, "--phase=decode", "--batch=4");
    JsonNode cache = decode.path("by_length").get(1).path("kv_cache");
    assertThat(cache.path("ratio").doubleValue()).isEqualTo(1);
  }

  @Test
  void evaluationRunsDenseBeyondAndSaysSo() {
    CommandRun run =
        CommandRun.of(
            "evaluate",
            CommandRun.LLAMA_1M,
            "--plan",
            dense,
            "--lengths=512,1024",
            "--limit-per-length=1",
            "--format=json");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("At 1024 tokens every head is dense");
    JsonNode byLength = JsonFile.mapper().readTree(run.out()).path("plan").path("by_length");
    assertThat(byLength.get(0).path("kl").doubleValue()).isPositive();
    assertThat(byLength.get(1).path("kl").doubleValue()).isLessThan(1e-9);
  }

  @Test
  void kernelsAreGivenDenseTilesBeyondAndOtherFilesSayWhatTheyCannot() throws IOException {
    assertThat(exported(dense, 512)).isEqualTo(exported(patterns, 512));
    assertThat(exported(dense, 1024)).isNotEqualTo(exported(patterns, 1024));
    CommandRun moa =
        CommandRun.of("export", dense, "--to=moa", "-o", directory.resolve("moa.json"));
    assertThat(moa.exitCode()).isZero();
    assertThat(moa.err()).contains("dense on prompts of more than 512 tokens");
  }

  private static byte[] exported(Path plan, int length) throws IOException {
    Path file = directory.resolve("tiles.safetensors");
    CommandRun.of("export", plan, "--to=flex-attention", "--length=" + length, "-o", file)
        .succeeded();
    return Files.readAllBytes(file);
  }

  @Test
  void theGoalSaysWhatTheLossIsAndHowOftenALengthCounts() {
    Plan plan = Plan.read(search("worst.json", "--loss-over=worst_length", "--weight=512=3"));
    assertThat(plan.goal().lossOver()).isEqualTo(LossOver.WORST_LENGTH);
    assertThat(plan.workload().lengths()).containsExactly(new Workload.Entry(Tokens.of(512), 3));
    assertThat(plan.solver().loss().found())
        .isCloseTo(plan.predicted().byLength().getFirst().loss(), within(1e-12));
    CommandRun.of("search", profile, "--max-density=0.8", "--weight=1024=3")
        .failed(ExitCode.USAGE, "--weight 1024 is not a length of the workload");
    CommandRun.of("search", profile, "--max-density=0.8", "--weight=512=0")
        .failed(ExitCode.USAGE, "--weight 512 (0.0) must be positive");
  }
}
