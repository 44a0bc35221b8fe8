package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.cli.PlantedVideo.Head;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runtimes of video models choose by, on a small video with planted heads. */
final class VideoFamilyTest {
  @TempDir Path directory;

  @Test
  void theirRulesAreProfiledSearchedAndPriced() throws IOException {
    Path capture = directory.resolve("capture");
    PlantedVideo.write(
        capture, List.of(List.of(Head.SPATIAL, Head.TEMPORAL)), new Extents(4, 16, 16));
    Path profile = directory.resolve("video.profile");
    CommandRun.of(
            "profile",
            "--capture",
            capture,
            "--family",
            "sampled-band,video-chunks,clusters",
            "-o",
            profile)
        .succeeded();
    Map<String, List<Class<? extends Pattern>>> kinds =
        Map.of(
            "sampled-band", List.of(SampledBand.class),
            "video-chunks", List.of(VideoChunkTopK.class, VideoChunkTopP.class),
            "clusters", List.of(ClusterTopP.class));
    for (String family : kinds.keySet()) {
      Path plan = directory.resolve(family + ".json");
      CommandRun.of(
              "search",
              profile,
              "--family",
              family,
              "--loss",
              "output-error",
              "--max-density",
              "0.8",
              "-o",
              plan)
          .succeeded();
      List<Pattern> heads = Plan.read(plan).heads().stream().map(HeadDecision::prefill).toList();
      assertThat(heads)
          .as(family)
          .anyMatch(pattern -> kinds.get(family).contains(pattern.getClass()));
      CommandRun.of("price", plan).failed(ExitCode.BAD_INPUT, "picks its tiles by the scores");
      CommandRun.of("price", plan, "--profile", profile).succeeded();
    }
  }
}
