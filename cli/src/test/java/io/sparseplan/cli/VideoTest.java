package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.cli.PlantedVideo.Head;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.pattern.VideoBand;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a captured video with planted heads to plans that find them, through the real command. */
final class VideoTest {
  private static final List<List<Head>> PLANTED =
      List.of(
          List.of(Head.SPATIAL, Head.TEMPORAL, Head.DIAGONAL, Head.DENSE),
          List.of(Head.TEMPORAL, Head.TEMPORAL, Head.TEMPORAL, Head.TEMPORAL));

  @TempDir static Path directory;
  private static Path profile;

  @BeforeAll
  static void captureAndProfile() throws IOException {
    Path capture = directory.resolve("capture");
    PlantedVideo.write(capture, PLANTED);
    profile = directory.resolve("video.profile");
    CommandRun.of(
            "profile", "--capture", capture, "--family", "sliding-tile,video-band", "-o", profile)
        .succeeded();
  }

  private static List<Pattern> searched(String family, String maxLoss) throws IOException {
    Path plan = directory.resolve(family + ".json");
    CommandRun.of(
            "search",
            profile,
            "--family",
            family,
            "--loss",
            "output-error",
            "--max-loss",
            maxLoss,
            "-o",
            plan)
        .succeeded();
    return Plan.read(plan).heads().stream().map(HeadDecision::prefill).toList();
  }

  @Test
  void theSearchFindsTheSlidingWindowOfEachPlantedHead() throws IOException {
    Pattern temporal = SlidingTile.ofSta(new Extents(3, 1, 1));
    assertThat(searched("sliding-tile", "0.05"))
        .containsExactly(
            SlidingTile.ofSta(new Extents(1, 3, 3)),
            temporal,
            SlidingTile.ofSta(new Extents(1, 1, 3)),
            new Dense(),
            temporal,
            temporal,
            temporal,
            temporal);
  }

  @Test
  void andTheBandOfEach() throws IOException {
    List<Pattern> bands = searched("video-band", "0.05");
    VideoBand temporal = band(VideoBand.Order.PLACE_MAJOR, PlantedVideo.EXTENTS.frames());
    // A tile has the rows of two frames, so that a band of some rows reaches all of a frame's
    // tiles.
    assertThat(bands)
        .containsExactly(
            band(VideoBand.Order.FRAME_MAJOR, 104),
            temporal,
            band(VideoBand.Order.FRAME_MAJOR, PlantedVideo.EXTENTS.width()),
            new Dense(),
            temporal,
            temporal,
            temporal,
            temporal);
  }

  private static VideoBand band(VideoBand.Order order, int reach) {
    return new VideoBand(order, Tokens.of(reach), false);
  }

  @Test
  void aPlanOfAVideoSaysHowItsTokensLieAndIsPricedAndReported() throws IOException {
    searched("sliding-tile", "0.2");
    Path plan = directory.resolve("sliding-tile.json");
    assertThat(Plan.read(plan).layout().tokens()).isEqualTo(Profile.read(profile).layout());
    assertThat(Plan.read(plan).layout().tokens().text())
        .isEqualTo("video 18x24x24+64 in blocks of 2x8x8");
    assertThat(PublishedSchema.errors(Files.readString(plan))).isEmpty();
    String priced = CommandRun.of("price", plan).succeeded().out();
    String permuted = CommandRun.of("price", plan, "--target", "sliding-tile").succeeded().out();
    assertThat(priced).contains("10432");
    assertThat(permuted).isNotEqualTo(priced);
    CommandRun.of("price", plan, "--length", "2048")
        .failed(ExitCode.BAD_INPUT, "The length (2048) is not that of the video");
    Path page = directory.resolve("report.html");
    CommandRun.of("report", plan, "--profile", profile, "-o", page).succeeded();
    assertThat(Files.readString(page)).contains("video 18x24x24+64 in blocks of 2x8x8");
  }

  @Test
  void optionsAndCandidatesOfLanguageModelsAreRefused() throws IOException {
    Path capture = directory.resolve("capture");
    Path output = directory.resolve("refused.profile");
    CommandRun.of("profile", "--capture", capture, "--family", "streaming", "-o", output)
        .failed(ExitCode.BAD_INPUT, "The family streaming means nothing where attention is video");
    CommandRun.of("profile", "--capture", capture, "--block", "2x8", "-o", output)
        .failed(ExitCode.USAGE, "'2x8' is not frames, rows and columns");
    CommandRun.of("profile", "--capture", capture, "--block", "19x1x1", "-o", output)
        .failed(ExitCode.BAD_INPUT, "The block (19x1x1) is larger than the video, 18x24x24");
    CommandRun.of("profile", CommandRun.LLAMA_1M, "--block", "2x8x8", "-o", output)
        .failed(ExitCode.USAGE, "--block is of a captured video");
    CommandRun.of("show", "candidates", "--family", "radial")
        .failed(ExitCode.BAD_INPUT, "The family radial means nothing where attention is causal");
    Path candidates = directory.resolve("candidates.json");
    JsonFile.write(candidates, CandidateSet.standard());
    CommandRun.of("profile", "--capture", capture, "--candidates", candidates, "-o", output)
        .failed(ExitCode.BAD_INPUT, "candidates.json) does not fit: The pattern s128+w128 means");
  }

  @Test
  void aPlanByDenoisingStepExportsToSlidingTilesAndAnAgreeingOneToNatten() throws IOException {
    Path plan = directory.resolve("steps.json");
    CommandRun.of(
            "search",
            profile,
            "--family",
            "sliding-tile",
            "--loss",
            "output-error",
            "--max-loss",
            "0.2",
            "--steps",
            "50",
            "--dense-steps",
            "first=15,last=1",
            "-o",
            plan)
        .succeeded();
    assertThat(PublishedSchema.errors(Files.readString(plan))).isEmpty();
    Path exported = directory.resolve("mask_strategy.json");
    CommandRun.of("export", plan, "--to", "sta", "-o", exported).succeeded();
    String strategy = Files.readString(exported);
    assertThat(strategy.lines().filter(line -> line.startsWith("\""))).hasSize(50 * 8);
    assertThat(strategy)
        .contains("\"14_0_0\": [3, 3, 3],")
        .contains("\"15_0_0\": [1, 3, 3],")
        .contains("\"48_0_2\": [1, 1, 3],")
        .contains("\"49_0_2\": [3, 3, 3],");
    Path windows = directory.resolve("natten.json");
    CommandRun.of("export", plan, "--to", "natten", "-o", windows)
        .failed(
            ExitCode.BAD_INPUT,
            "The heads L0.H0 (sta(1x3x3)) and L0.H1 (sta(3x1x1)) run different patterns; NATTEN has one for all heads of a layer.");

    Path agreeing = directory.resolve("agreeing.json");
    CommandRun.of(
            "search",
            profile,
            "--family",
            "sliding-tile",
            "--loss",
            "output-error",
            "--max-loss",
            "0.2",
            "--max-patterns-per-layer",
            "1",
            "-o",
            agreeing)
        .succeeded();
    CommandRun.of("export", agreeing, "--to", "natten", "-o", windows).succeeded();
    assertThat(windows)
        .hasContent(
            """
            [
            null,
            {"window_size": [-1, 8, 8], "stride": [1, 8, 8], "base_size": [18, 24, 24]}
            ]
            """);
  }

  private Path configOfTwoLayers() throws IOException {
    Path config = directory.resolve("config.json");
    return Files.writeString(
        config,
        """
        {"architectures": ["SomeVideoTransformer"], "num_hidden_layers": 2, "num_attention_heads": 1,
         "num_key_value_heads": 1, "hidden_size": 128, "rope_theta": 10000.0}
        """);
  }

  @Test
  void aStrategyOfSlidingTilesIsImportedPricedAndExportedAgain() throws IOException {
    Path config = configOfTwoLayers();
    Path strategy = directory.resolve("given.json");
    Files.writeString(
        strategy,
        """
        {
        "0_0_0": [3, 3, 3],
        "0_1_0": [3, 3, 3],
        "1_0_0": [1, 3, 3],
        "1_1_0": [3, 1, 1]
        }
        """);
    Path plan = directory.resolve("imported.json");
    CommandRun.of("import", strategy, "--from", "sta", "--model", config, "-o", plan)
        .failed(ExitCode.USAGE, "--video is needed");
    CommandRun imported =
        CommandRun.of(
            "import",
            strategy,
            "--from",
            "sta",
            "--model",
            config,
            "--video",
            "18x24x24",
            "--text-tokens",
            "64",
            "-o",
            plan);
    assertThat(imported.exitCode()).as(imported.err()).isEqualTo(ExitCode.GOOD);
    assertThat(imported.err()).contains("Times are of one sparse step");
    assertThat(CommandRun.of("price", plan, "--length", "10432", "--batch", "1").exitCode())
        .isEqualTo(ExitCode.GOOD);
    Path again = directory.resolve("again.json");
    CommandRun.of("export", plan, "--to", "sta", "-o", again).succeeded();
    assertThat(again).hasSameTextualContentAs(strategy);
    CommandRun.of(
            "import",
            strategy,
            "--from",
            "sta",
            "--model",
            config,
            "--video",
            "12x24x24",
            "-o",
            plan)
        .failed(ExitCode.BAD_INPUT, "is larger than the video, 2x3x3 tiles");
  }

  @Test
  void flagsOfRadialAttentionAreImportedPricedAndExportedAgain() throws IOException {
    Path config = configOfTwoLayers();
    Path script = directory.resolve("run.sh");
    Files.writeString(
        script,
        "python wan_t2v_inference.py --num_inference_steps 8 --pattern radial --dense_layers 1"
            + " --dense_timesteps 2 --decay_factor 0.2\n");
    Path plan = directory.resolve("imported.json");
    CommandRun imported =
        CommandRun.of(
            "import", script, "--from=radial", "--model=" + config, "--video=18x24x24", "-o", plan);
    assertThat(imported.exitCode()).as(imported.err()).isEqualTo(ExitCode.GOOD);
    assertThat(CommandRun.of("price", plan, "--length", "10368", "--batch", "1").exitCode())
        .isEqualTo(ExitCode.GOOD);
    Path again = directory.resolve("again.sh");
    CommandRun.of("export", plan, "--to", "radial", "-o", again).succeeded();
    assertThat(again).hasSameTextualContentAs(script);
    CommandRun.of("import", script, "--from=radial", "--model=" + config, "--steps=8", "-o", plan)
        .failed(ExitCode.USAGE, "--steps does nothing for radial");
  }
}
