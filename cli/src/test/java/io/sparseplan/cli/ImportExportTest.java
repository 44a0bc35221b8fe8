package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.pattern.BandOfBlocks;
import io.sparseplan.plans.plan.HeadPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer's file through the verbs. */
final class ImportExportTest {
  private static final Path CONFIG = CommandRun.LLAMA_1M.resolve("model").resolve("config.json");

  @TempDir Path directory;

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static CommandRun ran(Object... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.GOOD);
    return run;
  }

  /** A matrix of llama-1m's four layers of four heads. */
  private static String matrix(String value) {
    return Collections.nCopies(4, Collections.nCopies(4, value)).toString();
  }

  private Path moa() throws IOException {
    return write(
        "moa.json", "{\"alphas\": %s, \"betas\": %s}".formatted(matrix("64.0"), matrix("0.25")));
  }

  @Test
  void anImportedPlanIsPricedEvaluatedComparedAndExported() throws IOException {
    Path plan = directory.resolve("plan.json");
    assertThat(
            ran("import", moa(), "--from", "moa", "--model", CommandRun.LLAMA_1M, "-o", plan).out())
        .contains("16 heads of llama-1m, 1 patterns, imported from moa");
    assertThat(HeadPlan.read(plan).heads())
        .allMatch(head -> head.prefill().equals(new BandOfBlocks(64, 0.25)));

    CommandRun.of("price", plan).failed(ExitCode.USAGE, "says nothing of lengths and batches");
    assertThat(ran("price", plan, "--length", "1024", "--batch", "8").out())
        .contains("1024 tokens");

    Path evaluation = directory.resolve("evaluation.json");
    ran(
        "evaluate",
        CommandRun.LLAMA_1M,
        "--plan",
        plan,
        "--lengths",
        "1024",
        "--limit-per-length",
        "1",
        "-o",
        evaluation);
    assertThat(Evaluation.read(evaluation).plan().orElseThrow().kl()).isPositive();

    Path dense = directory.resolve("dense.json");
    Path allDense =
        write(
            "dense-moa.json",
            "{\"alphas\": %s, \"betas\": %s}".formatted(matrix("0"), matrix("1")));
    ran("import", allDense, "--from", "moa", "--model", CommandRun.LLAMA_1M, "-o", dense);
    assertThat(ran("diff", dense, plan).out())
        .contains("16 of 16 heads run another pattern")
        .contains("L3.H3     moa0+1N → moa64+0.25N");

    Path page = directory.resolve("page.html");
    ran("report", plan, "--evaluation", evaluation, "--lengths=1000,4096", "-o", page);
    assertThat(Files.readString(page))
        .contains("<h1>llama-1m: a plan imported from moa</h1>", "density at 1,000 (counted)")
        .contains("<td>moa64+0.25N</td><td>16</td>", "KL(dense‖·), nats a token (measured)")
        .doesNotContain("<script", "sparseplan evaluate");
    assertThat(ran("report", plan, "--format=md").out())
        .contains("## llama-1m: a plan imported from moa", "| 32,768 |", "Not measured.");
    assertThat(ran("show", plan).out()).contains("a plan imported from moa", "4 × moa64+0.25N");
    CommandRun.of("report", plan, "--baseline", plan)
        .failed(ExitCode.USAGE, "are of searched plans");

    Path again = directory.resolve("again.json");
    CommandRun exported = ran("export", plan, "--to", "moa", "-o", again);
    assertThat(exported.err()).isEmpty();
    assertThat(Files.readString(again)).startsWith("{\"alphas\":[[64.0,64.0,");
    Path kernel = directory.resolve("mask.safetensors");
    CommandRun.of("export", plan, "--to", "flex-attention", "-o", kernel)
        .failed(ExitCode.USAGE, "--length is needed");
    ran("export", plan, "--to", "flex-attention", "--length", "1000", "-o", kernel);
    assertThat(kernel).isNotEmptyFile();
    assertThat(ran("export", plan).out()).contains("0,0,prefill,moa64+0.25N,band_of_blocks");
    CommandRun.of("export", plan, "--to", "snapkv", "-o", again)
        .failed(ExitCode.BAD_INPUT, "The head L0.H0 runs moa64+0.25N");
  }

  @Test
  void scoresBecomeAPlanWithAShareOfThem() throws IOException {
    Path gates = write("duo/full_attention_heads.tsv", "0.1\t0.2\n0.3\t0.4\n0.5\t0.6\n0.7\t0.8\n");
    write("duo/config.json", "{\"sink_size\": 128, \"recent_size\": 256}");
    Path scores = directory.resolve("scores.json");
    ran("import", gates.getParent(), "--from", "duo-attention", "--model", CONFIG, "-o", scores);
    Path back = directory.resolve("back");
    ran("export", scores, "--to", "duo-attention", "-o", back);
    assertThat(back.resolve("full_attention_heads.tsv")).isNotEmptyFile();
    assertThat(back.resolve("config.json")).isNotEmptyFile();

    Path plan = directory.resolve("plan.json");
    CommandRun.of("import", scores, "--from", "scores", "--sparsity", "0.5", "-o", plan)
        .failed(ExitCode.BAD_INPUT, "--sink 128");
    ran(
        "import",
        scores,
        "--from",
        "scores",
        "--sparsity",
        "0.5",
        "--sink",
        "64",
        "--recent",
        "256",
        "-o",
        plan);
    assertThat(
            HeadPlan.read(plan).heads().stream()
                .filter(head -> head.prefill().label().equals("dense")))
        .hasSize(8);
    CommandRun.of("export", scores, "--to", "moa", "-o", back)
        .failed(ExitCode.BAD_INPUT, "holds scores");
  }

  @Test
  void anImportedPlanFitsItsPublishedSchema() throws IOException {
    Path plan = directory.resolve("plan.json");
    ran("import", moa(), "--from", "moa", "--model", CommandRun.LLAMA_1M, "-o", plan);
    String text = Files.readString(plan);
    assertThat(PublishedSchema.errorsOfImported(text)).isEmpty();
    assertThat(PublishedSchema.errorsOfImported(text.replace("\"parts\"", "\"files\"")))
        .isNotEmpty();
    assertThat(PublishedSchema.errorsOfImported(text.replace("\"why\"", "\"loss\""))).isNotEmpty();
    assertThat(PublishedSchema.errorsOfImported(text.replace("band_of_blocks", "band_of_bricks")))
        .isNotEmpty();
    assertThat(PublishedSchema.errors(text)).as("it is no searched plan").isNotEmpty();
    assertThat(CommandRun.of("show", "imported-schema").succeeded().out())
        .contains("urn:sparseplan:schema:imported-plan:1");
  }

  /** On one real prompt. */
  private static Evaluation evaluate(Path plan) {
    return JsonFile.mapper()
        .readValue(
            CommandRun.of(
                    "evaluate",
                    CommandRun.LLAMA_1M,
                    "--plan",
                    plan,
                    "--lengths=512",
                    "--limit-per-length=1",
                    "--format=json")
                .succeeded()
                .out(),
            Evaluation.class);
  }

  @Test
  void thresholdsOfXAttentionAreEvaluatedOnRealPrompts() throws IOException {
    Path table = write("thresholds.py", "llama_fuse_16 = " + matrix("0.9") + "\n");
    Path plan = directory.resolve("plan.json");
    ran("import", table, "--from", "xattention", "--model", CommandRun.LLAMA_1M, "-o", plan);
    evaluate(plan);
    CommandRun.of("price", plan, "--length", "1024", "--batch", "1")
        .failed(ExitCode.BAD_INPUT, "The pattern x16:0.9 picks its tiles by the scores");
  }

  @Test
  void budgetsOfSnapKvAreEvaluatedAndPriced() throws IOException {
    Path budgets =
        write(
            "snapkv.json",
            """
            {"window_sizes": 16, "max_capacity_prompts": [64, 128, 256, 64], "kernel_sizes": 5,
             "pooling": "avgpool"}
            """);
    Path plan = directory.resolve("plan.json");
    ran("import", budgets, "--from", "snapkv", "--model", CommandRun.LLAMA_1M, "-o", plan);
    assertThat(evaluate(plan).plan().orElseThrow().kl()).as("rows of answers").isPositive();
    String steps =
        ran("price", plan, "--phase", "decode", "--length", "1024", "--batch", "8").out();
    assertThat(steps).contains(", 0.125 of dense");
    ran("price", plan, "--length", "1024", "--batch", "8");
  }

  @Test
  void skippedSoftmaxOfModelOptimizerIsEvaluatedOnRealPrompts() throws IOException {
    Path config =
        write(
            "skip.json",
            """
            {"sparse_algo": "softmax_skip", "target_sparse_ratio": {"prefill": 0.5, "decode": 0.25},
             "threshold_scale_factor": {"prefill": {"a": 7.93, "b": 8.61}, "decode": {"a": 2, "b": 0}}}
            """);
    Path plan = directory.resolve("plan.json");
    ran("import", config, "--from", "modelopt", "--model", CommandRun.LLAMA_1M, "-o", plan);
    evaluate(plan);
    CommandRun.of("price", plan, "--length", "1024", "--batch", "1")
        .failed(ExitCode.BAD_INPUT, "The pattern skip0.5:7.93:8.61 picks its tiles by the scores");
    CommandRun.of("export", plan, "--to", "flex-attention", "--length", "512", "-o", plan)
        .failed(ExitCode.BAD_INPUT, "skip0.5:7.93:8.61");
  }

  @Test
  void aFolderOfFilesIsReadAndWrittenAgain() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.copy(moa(), folder.resolve("plan.json"));
    Files.writeString(folder.resolve("README.md"), "about");
    assertThat(CommandRun.of("show", "formats", folder).succeeded().out())
        .contains("plan.json\n    moa; re-export equal")
        .contains("4 layers × 4 heads; 1 patterns, most often moa64+0.25N (16 heads)")
        .contains("README.md\n    –");
    Files.writeString(folder.resolve("broken.json"), "{\"alphas\": [[0]], \"betas\": [[2]]}");
    CommandRun broken = CommandRun.of("show", "formats", folder);
    assertThat(broken.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(broken.out()).contains("betas[0][0] (2)");
    assertThat(broken.err()).contains("[broken.json]");
  }

  @Test
  void whatIsMissingOnTheCommandLineIsNamed() throws IOException {
    Path plan = directory.resolve("plan.json");
    CommandRun.of("import", moa(), "--from", "moa", "-o", plan)
        .failed(ExitCode.USAGE, "--model is needed");
    CommandRun.of("import", moa(), "--from", "mao", "--model", CONFIG, "-o", plan)
        .failed(ExitCode.BAD_INPUT, "'mao' is none of moa, minference");
    CommandRun.of("import", moa(), "--from", "flex-attention", "--model", CONFIG, "-o", plan)
        .failed(ExitCode.BAD_INPUT, "no plan can be read from it");
    CommandRun.of(
            "import", directory.resolve("none"), "--from", "moa", "--model", CONFIG, "-o", plan)
        .failed(ExitCode.BAD_INPUT, "does not exist");
    assertThat(CommandRun.of("show", "formats").succeeded().out())
        .contains("moa ")
        .contains("block-sparse-attention");
  }
}
