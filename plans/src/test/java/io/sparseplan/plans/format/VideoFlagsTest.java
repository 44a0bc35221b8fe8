package io.sparseplan.plans.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.ChosenAmong;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.RadialDecay;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.StepPatterns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runtimes of video that are told by flags and by one small file, for a model of five layers. */
final class VideoFlagsTest {
  private static final Extents WAN = new Extents(20, 30, 52);
  private static final VideoLayout VIDEO =
      new VideoLayout(WAN, Tokens.of(0), VideoLayout.USUAL_BLOCK);
  private static final int LAYERS = 5;

  private static final String RADIAL =
      "python wan_t2v_inference.py --num_inference_steps 4 --pattern radial --dense_layers 1 "
          + "--dense_timesteps 2 --decay_factor 0.2\n";
  private static final String SVG =
      "python wan_t2v_inference.py --num_inference_steps 4 --pattern SVG --num_sampled_rows 64 "
          + "--sample_mse_max_row 10000 --sparsity 0.25 --first_times_fp 0.3 --first_layers_fp 0.25\n";
  private static final String SAP =
      "python hyvideo_i2v_inference.py --num_inference_steps 4 --pattern SAP --num_q_centroids 300 "
          + "--num_k_centroids 1000 --top_p_kmeans 0.9 --min_kc_ratio 0.1 --kmeans_iter_init 50 "
          + "--kmeans_iter_step 2 --zero_step_kmeans_init --first_times_fp 0 --first_layers_fp 0\n";
  private static final String VMOBA =
      """
      {"temporal_chunk_size": 2, "temporal_topk": 3, "spatial_chunk_size": [3, 4],
       "spatial_topk": 20, "st_chunk_size": [4, 6, 4], "st_topk": 15,
       "moba_select_mode": "threshold", "moba_threshold": 0.25, "moba_threshold_type": "query_head",
       "first_full_layer": 1, "first_full_step": 2,
       "temporal_layer": 1, "spatial_layer": 1, "st_layer": 1}
      """;

  private static VideoFormat format(String name) {
    return (VideoFormat) Formats.named(name);
  }

  private static PeerSource source(String name, String text) {
    return SmallModel.source(name.equals("vmoba") ? "vmoba.json" : name + ".flags", text);
  }

  private static VideoTarget target(String name) {
    return new VideoTarget(
        VIDEO,
        new LayerCount(LAYERS),
        new QueryHeads(2),
        format(name).saysSteps() ? Optional.empty() : Optional.of(4));
  }

  private static VideoHeads read(String name, String text) {
    return format(name).read(source(name, text), target(name));
  }

  private static ModelIdentity model() {
    ModelIdentity small = SmallModel.identity();
    return new ModelIdentity(
        small.name(),
        small.architecture(),
        small.config(),
        small.weights(),
        new LayerCount(LAYERS),
        new AttentionShape(new QueryHeads(2), new KvHeads(2), new HeadDim(4)),
        small.rope(),
        List.of(),
        HeadAxis.QUERY_HEAD);
  }

  /** Through a plan's own JSON and out again. */
  private static String again(String name, String text) {
    PeerSource source = source(name, text);
    ImportedPlan plan =
        PeerImport.plan(
            format(name).read(source, target(name)),
            format(name).kept(source),
            new ModelDescription(model(), List.of()),
            SmallModel.RUN);
    ImportedPlan read = JsonFile.mapper().readValue(JsonFile.pretty(plan), ImportedPlan.class);
    assertThat(read).isEqualTo(plan);
    return text(format(name).write(read));
  }

  private static String text(Exported exported) {
    return new String(exported.files().values().iterator().next());
  }

  /** A pattern a layer, the first steps of all but dense layers dense. */
  private static VideoHeads heads(int denseSteps, Pattern... patternOfLayer) {
    var heads = new ArrayList<StepPatterns>();
    for (Pattern pattern : patternOfLayer) {
      var steps = new ArrayList<Pattern>(Collections.nCopies(denseSteps, new Dense()));
      steps.addAll(Collections.nCopies(4 - denseSteps, pattern));
      heads.addAll(Collections.nCopies(2, StepPatterns.ofEach(steps)));
    }
    return new VideoHeads(VIDEO, new QueryHeads(2), heads);
  }

  private static VideoHeads afterOneDenseLayer(int denseSteps, Pattern pattern) {
    return heads(denseSteps, new Dense(), pattern, pattern, pattern, pattern);
  }

  @Test
  void radialAttention() {
    var radial = new RadialDecay(0.2, RadialDecay.BLOCK, true);
    assertThat(read("radial", RADIAL)).isEqualTo(afterOneDenseLayer(2, radial));
    assertThat(again("radial", RADIAL)).isEqualTo(RADIAL);
    String hunyuan = RADIAL.replace("wan_t2v", "scripts/hunyuan_t2v").replace("0.2", ".95");
    assertThat(read("radial", hunyuan))
        .isEqualTo(afterOneDenseLayer(2, new RadialDecay(0.95, RadialDecay.BLOCK, false)));
    assertThat(again("radial", RADIAL.replace("wan_t2v", "wan_22_t2v")))
        .isEqualTo(RADIAL.replace("wan_t2v", "wan_22_t2v"));
    String dense = "python wan_t2v_inference.py --num_inference_steps 4 --pattern dense\n";
    assertThat(read("radial", dense))
        .isEqualTo(heads(0, Collections.nCopies(5, new Dense()).toArray(Pattern[]::new)));
    assertThat(again("radial", dense)).isEqualTo(dense);
  }

  @Test
  void radialAttentionOfAPlanOfOurOwn() {
    var radial = new RadialDecay(0.95, RadialDecay.BLOCK, false);
    assertThat(text(format("radial").write(afterOneDenseLayer(3, radial), Optional.empty())))
        .isEqualTo(
            "python hunyuan_t2v_inference.py --num_inference_steps 4 --pattern radial "
                + "--dense_layers 1 --dense_timesteps 3 --decay_factor 0.95\n");
    var oneStep =
        new VideoHeads(
            VIDEO,
            new QueryHeads(1),
            List.of(StepPatterns.ofEach(List.of(new RadialDecay(1, RadialDecay.BLOCK, true)))));
    Exported exported = format("radial").write(oneStep, Optional.empty());
    assertThat(text(exported))
        .isEqualTo(
            "python wan_t2v_inference.py --pattern radial --dense_layers 0 --dense_timesteps 0 "
                + "--decay_factor 1\n");
    assertThat(exported.losses())
        .containsExactly(
            "The plan does not tell denoising steps apart; give the script its number.");
  }

  @Test
  void sparseVideoGen() {
    var band = new SampledBand(0.25, 64, 10_000, true, 0);
    // ⌊0.25 · 5⌋ layers and ⌊0.3 · 4⌋ steps.
    assertThat(read("svg", SVG)).isEqualTo(afterOneDenseLayer(1, band));
    assertThat(again("svg", SVG)).isEqualTo(SVG);
    assertThat(text(format("svg").write(afterOneDenseLayer(1, band), Optional.empty())))
        .as("the shortest shares that mean the same")
        .isEqualTo(SVG.replace("fp 0.25", "fp 0.2"));
    assertThat(read("svg", SVG.replace("wan_", "hyvideo_")).steps().getLast().usual())
        .isEqualTo(new SampledBand(0.25, 64, 10_000, false, 0));
    var clusters = new ClusterTopP(300, 1000, 0.9, 0.1, new ClusterTopP.Rounds(50, 2, true), 0);
    assertThat(read("svg", SAP))
        .isEqualTo(heads(0, clusters, clusters, clusters, clusters, clusters));
    assertThat(again("svg", SAP)).isEqualTo(SAP);
  }

  @Test
  void aShareInTheFileOfAPlanThatIsNoNumberIsRefused() {
    String damaged = SVG.replaceAll("--first_times_fp \\S+", "--first_times_fp e5");
    assertThatThrownBy(
            () -> format("svg").write(read("svg", SVG), Optional.of(source("svg", damaged))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The flag --first_times_fp (e5)");
  }

  @Test
  void sharesOfLayersAndStepsComeBackWhateverTheirNumber() {
    var band = new SampledBand(0.3, 64, 10_000, true, 0);
    for (int layers : new int[] {1, 2, 3, 7, 40, 49, 60, 64}) {
      for (int dense = 0; dense < layers; dense++) {
        var patterns = new ArrayList<StepPatterns>();
        for (int layer = 0; layer < layers; layer++) {
          patterns.add(StepPatterns.ofEach(List.of(layer < dense ? new Dense() : band)));
        }
        var heads = new VideoHeads(VIDEO, new QueryHeads(1), patterns);
        String text = text(format("svg").write(heads, Optional.empty()));
        var target =
            new VideoTarget(VIDEO, new LayerCount(layers), new QueryHeads(1), Optional.empty());
        assertThat(format("svg").read(source("svg", text), target)).as(text).isEqualTo(heads);
      }
    }
  }

  @Test
  void vmoba() {
    assertThat(read("vmoba", VMOBA))
        .isEqualTo(
            heads(
                2,
                new Dense(),
                new VideoChunkTopP(new Extents(2, 30, 52), 0.25, ChosenAmong.QUERY),
                new VideoChunkTopP(new Extents(20, 3, 4), 0.25, ChosenAmong.QUERY),
                new VideoChunkTopP(new Extents(4, 6, 4), 0.25, ChosenAmong.QUERY),
                new VideoChunkTopP(new Extents(2, 30, 52), 0.25, ChosenAmong.QUERY)));
    assertThat(FileCheck.isEqual(VMOBA.getBytes(), again("vmoba", VMOBA).getBytes())).isTrue();
    String best =
        VMOBA
            .replace("\"threshold\"", "\"topk\"")
            .replace("query_head", "head_global")
            .replace("\"temporal_layer\": 1", "\"temporal_layer\": 2");
    assertThat(read("vmoba", best))
        .isEqualTo(
            heads(
                2,
                new Dense(),
                new VideoChunkTopK(new Extents(2, 30, 52), 3, ChosenAmong.HEAD),
                new VideoChunkTopK(new Extents(2, 30, 52), 3, ChosenAmong.HEAD),
                new VideoChunkTopK(new Extents(20, 3, 4), 20, ChosenAmong.HEAD),
                new VideoChunkTopK(new Extents(4, 6, 4), 15, ChosenAmong.HEAD)));
    assertThat(FileCheck.isEqual(best.getBytes(), again("vmoba", best).getBytes())).isTrue();
  }

  @Test
  void vmobaOfAPlanOfOurOwnSaysWhatNothingReads() {
    var frames = new VideoChunkTopK(new Extents(2, 30, 52), 3, ChosenAmong.QUERY);
    var places = new VideoChunkTopK(new Extents(20, 3, 4), 9, ChosenAmong.QUERY);
    Exported exported =
        format("vmoba").write(heads(0, frames, places, frames, places, frames), Optional.empty());
    assertThat(text(exported).strip())
        .isEqualTo(
            """
            {"temporal_chunk_size":2,"temporal_topk":3,"spatial_chunk_size":[3,4],"spatial_topk":9,\
            "st_chunk_size":[1,1,1],"st_topk":1,"moba_select_mode":"topk","moba_threshold":0.25,\
            "moba_threshold_type":"query_head","first_full_layer":0,"first_full_step":0,\
            "temporal_layer":1,"spatial_layer":1,"st_layer":0}""");
    assertThat(exported.losses())
        .containsExactly(
            "Nothing reads st_chunk_size; it is written as [1,1,1].",
            "Nothing reads st_topk; it is written as 1.",
            "Nothing reads moba_threshold; it is written as 0.25.");
  }

  @Test
  void everyFormatTellsItsFilesFromTheOthers() {
    for (String[] file :
        new String[][] {{"radial", RADIAL}, {"svg", SVG}, {"svg", SAP}, {"vmoba", VMOBA}}) {
      PeerSource source = source(file[0], file[1]);
      assertThat(Formats.recognising(source)).containsExactly(Formats.named(file[0]));
      FileCheck check = FileCheck.of(format(file[0]), source);
      assertThat(check.isEqual()).as(file[1]).isTrue();
    }
    assertThat(FileCheck.of(format("vmoba"), source("vmoba", VMOBA)).statistics())
        .isEqualTo(
            "of 32 layers the first 1 dense, of 50 steps the first 2; chunks(2x7x5)p0.25,"
                + " chunks(5x3x4)p0.25, chunks(4x6x4)p0.25");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          radial | --dense_layers 1     | --dense_layers 6     | The flag --dense_layers (6) in radial.flags is not an integer in 0..5
          radial | --dense_layers 1     | --dense_layers       | The flag --dense_layers () in radial.flags is not an integer
          radial | --dense_layers 1     | --dense_layers 1 2   | The word 2 in radial.flags is no flag
          radial | --dense_layers 1     | --pattern radial     | The word --pattern in radial.flags is there twice
          radial | --dense_layers 1     | --prompt cat         | The flag --prompt (cat) in radial.flags is none of
          radial | --dense_timesteps 2  | --dense_timesteps 5  | Of 4 denoising steps the first 5
          radial | --decay_factor 0.2   | --decay_factor -1    | The flag --decay_factor (-1)
          radial | --decay_factor 0.2   | --decay_factor 0     | The flag --decay_factor (0)
          radial | --decay_factor 0.2   | --decay_factor 1e999 | The flag --decay_factor (1e999)
          radial | --pattern radial     | --pattern SVG        | is none of radial and dense
          radial | wan_t2v_inference.py | main.py              | The script (main.py) is none of
          radial | --num_inference_steps 4 |                   | The flag --num_inference_steps () in radial.flags is missing
          svg    | --sparsity 0.25      | --sparsity 25        | The flag --sparsity (25) in svg.flags is not a number in
          svg    | --sparsity 0.25      |                      | The flag --sparsity () in svg.flags is missing
          svg    | --sparsity 0.25      | --min_kc_ratio 0.1   | The flag --min_kc_ratio (0.1) in svg.flags is none of
          svg    | wan_t2v_inference.py | main.py              | The script (main.py) is none of
          vmoba  | "temporal_topk": 3   | "temporal_top": 3    | The field temporal_top (3)
          vmoba  | "temporal_topk": 3   | "temporal_topk": 0   | The field temporal_topk (0)
          vmoba  | [3, 4]               | [3, 53]              | is larger than the video, 20x30x52
          vmoba  | [3, 4]               | [3, 4, 5]            | has 3 entries; there are 2 axes
          vmoba  | query_head           | overall              | lets the heads of a layer compete
          vmoba  | query_head           | block                | lets the heads of a layer compete
          vmoba  | query_head           | row                  | is none of query_head
          vmoba  | "threshold",         | "topp",              | is none of topk and threshold
          vmoba  | "first_full_layer": 1 | "first_full_layer": 6 | is not an integer in 0..5
          vmoba  | "first_full_step": 2 | "first_full_step": 5 | Of 4 denoising steps the first 5
          vmoba  | 0.25                 | 1.25                 | The field moba_threshold (1.25)
          """)
  void aDamagedFileIsRefusedByName(String name, String from, String to, String named) {
    String good =
        switch (name) {
          case "radial" -> RADIAL;
          case "svg" -> SVG;
          default -> VMOBA;
        };
    assertThat(good).contains(from);
    assertThatThrownBy(() -> read(name, good.replace(from, to == null ? "" : to)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void stepsThatVmobaDoesNotSayAreAskedFor() {
    var target =
        new VideoTarget(VIDEO, new LayerCount(LAYERS), new QueryHeads(2), Optional.empty());
    assertThatThrownBy(() -> format("vmoba").read(source("vmoba", VMOBA), target))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The first 2 denoising steps are dense")
        .hasMessageContaining("--steps 50");
    String dense = VMOBA.replace("\"first_full_step\": 2", "\"first_full_step\": 0");
    assertThat(format("vmoba").read(source("vmoba", dense), target).stepCount()).isEqualTo(1);
    String none = VMOBA.replace("_layer\": 1", "_layer\": 0");
    assertThatThrownBy(() -> read("vmoba", none))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("temporal_layer (0)");
  }

  @Test
  void aPlanThatARuntimeCannotRunIsRefusedByName() {
    var radial = new RadialDecay(0.2, RadialDecay.BLOCK, true);
    var wider = new RadialDecay(0.5, RadialDecay.BLOCK, true);
    Pattern tiles = SlidingTile.ofSta(new Extents(1, 1, 1));
    assertRefused("radial", heads(0, radial, wider), "run radial0.2+f0 and radial0.5+f0");
    assertRefused("radial", heads(0, tiles), "The layers run sta(1x1x1)");
    assertRefused("radial", heads(0, radial, new Dense()), "Layer 1 runs dense from step 0");
    assertRefused("svg", heads(0, radial), "Sparse VideoGen has bands that it chooses");
    assertRefused("vmoba", heads(0, radial), "VMoBA chooses chunks");
    assertRefused("vmoba", heads(0, new Dense()), "No layer is sparse");
    var frames = new VideoChunkTopK(new Extents(2, 30, 52), 3, ChosenAmong.QUERY);
    var more = new VideoChunkTopK(new Extents(2, 30, 52), 4, ChosenAmong.QUERY);
    var share = new VideoChunkTopP(new Extents(4, 6, 4), 0.5, ChosenAmong.QUERY);
    var places = new VideoChunkTopK(new Extents(20, 3, 4), 9, ChosenAmong.QUERY);
    assertRefused("vmoba", heads(0, frames, more), "has one rule, and one size");
    assertRefused("vmoba", heads(0, frames, share), "has one rule, and one size");
    assertRefused("vmoba", heads(0, frames, places, places, frames, frames), "Layer 4 runs");
  }

  private static void assertRefused(String name, VideoHeads heads, String named) {
    assertThatThrownBy(() -> format(name).write(heads, Optional.empty()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(named);
  }
}
