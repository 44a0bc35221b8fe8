package io.sparseplan.plans.format;

import static io.sparseplan.plans.format.SmallModel.assertComesBack;
import static io.sparseplan.plans.format.SmallModel.identity;
import static io.sparseplan.plans.format.SmallModel.imported;
import static io.sparseplan.plans.format.SmallModel.plan;
import static io.sparseplan.plans.format.SmallModel.source;
import static io.sparseplan.plans.format.SmallModel.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.format.ImportOptions.Heavy;
import io.sparseplan.plans.format.ImportOptions.Projection;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.BandOfBlocks;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.CoveringVerticalSlash.Share;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.pattern.Strided;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every format: a file written by hand from its schema, what it means, and the way back. */
final class GoldenFilesTest {
  private static final ImportOptions NONE = ImportOptions.NONE;

  private static final String MOA =
      """
      {"alphas": [[0.0, -1024.0, 0.0, 2048], [64.0, 0.0, 0.0, 0.0]],
       "betas": [[1.0, 0.875, 0.125, 0.0], [0.5, 0.5, 0.25, 1]]}
      """;

  private static final String MINFERENCE =
      """
      [{"0": ["vertical_and_slash", 30, 800, 0.9], "1": ["stream_llm", 100, 800, 0.25],
        "3": ["block_sparse", 1, 2, 1.0], "2": ["vertical_and_slash", 1000, 6096, 0.5]},
       {"0": ["vertical_and_slash", 500, 700, 0.9], "1": ["vertical_and_slash", 1, 1, 0.0],
        "2": ["vertical_and_slash", 3500, 100, 0.9], "3": ["vertical_and_slash", 512, 2048, 1]}]
      """;

  private static final String GATES = "1.0\t0.0\n0.25\t7.5e-01\n";
  private static final String DECIDED = "1.0\t0.0\n0.0\t1.0\n";
  private static final String DUO_CONFIG =
      "{\"sink_size\": 128, \"recent_size\": 256, \"lr\": 0.02}";

  private static final String SNAPKV =
      """
      {"window_sizes": 32, "max_capacity_prompts": [4096, 1024], "kernel_sizes": 7,
       "pooling": "maxpool"}
      """;

  private static final String XATTENTION =
      """
      # thresholds of Llama
      llama_fuse_8 = [[0.9, 0.8, 0.0, 0.96], [0.1, 0.2, 0.3, 0.4],]
      llama_fuse_16 = [
          [0.5, 0.5, 0.5, 0.5],  # layer 0
          [0.6, 0.7, 0.0, 1],
      ]
      """;

  private static final String HIP =
      """
      {"dense_layers": [0], "mask_refresh_interval": [32, 16, 8], "prefill_always_dense": false,
       "layers": [
         {"second_stage_k": 4096, "sliding_window_size": 1024, "sink_token_size": 256,
          "sa_extend_backend": "streaming",
          "stages": [{"stage_block_size_q": 64, "stage_block_stride_q": 4, "stage_chunk_size": 256,
                      "stage_k": null, "stage_stride": 1}]},
         {"second_stage_k": 2048, "sliding_window_size": 1024, "sink_token_size": 256,
          "stages": [{"stage_block_size_q": 64, "stage_block_stride_q": 1, "stage_chunk_size": 8,
                      "stage_k": 32768, "stage_stride": 2}]}],
       "prefill_layers": [
         {"second_stage_k": 4096, "sliding_window_size": 512, "sink_token_size": 128,
          "stages": [{"stage_block_size_q": 64, "stage_block_stride_q": 4, "stage_chunk_size": 256,
                      "stage_k": null, "stage_stride": 1}]},
         {"second_stage_k": 2048, "sliding_window_size": 512, "sink_token_size": 128,
          "stages": [{"stage_block_size_q": 64, "stage_block_stride_q": 4, "stage_chunk_size": 256,
                      "stage_k": null, "stage_stride": 1}]}]}
      """;

  private static final String DKERNEL =
      """
      {"model_type": "phi3small", "blocksparse_block_size": 64,
       "blocksparse_homo_head_pattern": false, "blocksparse_num_local_blocks": 16,
       "blocksparse_vert_stride": 8, "dense_attention_every_n_layers": 2}
      """;

  private static final String MODELOPT =
      """
      {"sparse_attention_config": {"config_groups": {"group_0": {
         "algorithm": "skip_softmax", "targets": ["LlamaAttention"],
         "threshold_scale_factor": {"formula": "a * exp(b * target_sparsity)",
           "prefill": {"a": 7.93, "b": 8.61}, "decode": {"a": 0.12, "b": 9.85}},
         "target_sparsity": {"prefill": 0.5}, "ignore": ["*layers.1.*"],
         "initial_disabled_steps": 0}},
       "producer": {"name": "modelopt", "version": "0.40.0"}}}
      """;

  private static Pattern prefill(ImportedPlan plan, int layer, int head) {
    return plan.heads().get(layer * 4 + head).prefill();
  }

  private static Pattern decode(ImportedPlan plan, int layer, int head) {
    return plan.heads().get(layer * 4 + head).decodeOrPrefill();
  }

  private static Exported export(String format, ImportedPlan plan) {
    return ((PlanFormat) Formats.named(format)).write(plan);
  }

  private static ElasticSpan span(int sink, int window) {
    return new ElasticSpan(tokens(sink), tokens(window), 0);
  }

  @Test
  void moa() {
    PeerSource file = source("plan.json", MOA);
    ImportedPlan plan = imported("moa", file, NONE);
    assertThat(prefill(plan, 0, 1)).isEqualTo(new BandOfBlocks(-1024, 0.875));
    assertThat(prefill(plan, 1, 0)).isEqualTo(new BandOfBlocks(64, 0.5));
    assertThat(plan.layout().tile().tokens()).isEqualTo(64);
    assertComesBack("moa", file, plan);

    ImportedPlan ours =
        plan(128, List.of(new Dense(), new ElasticSpan(tokens(128), tokens(256), 0.25)));
    Exported written = export("moa", ours);
    assertThat(new String(written.files().get("moa_config_plan.json"), StandardCharsets.UTF_8))
        .startsWith("{\"alphas\":[[0.0,256.0,0.0,256.0],")
        .contains("\"betas\":[[1.0,0.25,");
    assertThat(written.losses())
        .anyMatch(loss -> loss.contains("sink is 64 tokens"))
        .anyMatch(loss -> loss.contains("whole blocks of 64"));
    assertThatThrownBy(() -> export("moa", plan(64, List.of(new VerticalSlash(30, 800)))))
        .hasMessageContaining("The head L0.H0 runs v30+d800");
  }

  @Test
  void minference() {
    PeerSource file = source("best.json", MINFERENCE);
    ImportedPlan plan = imported("minference", file, NONE);
    assertThat(prefill(plan, 0, 0)).isEqualTo(new VerticalSlash(30, 800));
    assertThat(prefill(plan, 0, 1)).isEqualTo(span(100, 800));
    assertThat(prefill(plan, 0, 2)).isEqualTo(new VerticalSlash(1000, 6096));
    assertThat(prefill(plan, 0, 3)).isEqualTo(new BlockTopK(tokens(6400), 0));
    assertThat(plan.warnings()).anyMatch(warning -> warning.contains("recalls"));
    assertComesBack("minference", file, plan);

    String counts = MINFERENCE.replaceAll("0\\.\\d+|1\\.0", "336");
    assertThat(imported("minference", source("best.json", counts), NONE).warnings())
        .anyMatch(warning -> warning.contains("counts of errors, smaller is better"));

    String flexible =
        "[%1$s,%1$s]"
            .formatted(
                "{\"0\":E,\"1\":E,\"2\":E,\"3\":E}"
                    .replace("E", "[\"flex_vertical_and_slash\",[0.9,4096],[0.8,64],0.0]"));
    ImportedPlan shares = imported("minference", source("flex.json", flexible), NONE);
    assertThat(prefill(shares, 1, 3))
        .isEqualTo(new CoveringVerticalSlash(new Share(0.9, 4096), new Share(0.8, 64)));
    assertComesBack("minference", source("flex.json", flexible), shares);

    assertThatThrownBy(() -> export("minference", plan(64, List.of(new Dense()))))
        .hasMessageContaining("L0.H0 runs dense");
    assertThatThrownBy(
            () ->
                export(
                    "minference",
                    plan(64, List.of(prefill(shares, 0, 0), new VerticalSlash(1, 1)))))
        .hasMessageContaining("another kind");
  }

  @Test
  void dualChunk() {
    PeerSource file =
        source(
            "sparse_attention_config.json",
            MINFERENCE.replaceAll("stream_llm|block_sparse", "vertical_and_slash"));
    ImportedPlan plan = imported("dual-chunk", file, NONE);
    assertThat(prefill(plan, 0, 0))
        .as("30 columns are run as 130")
        .isEqualTo(new VerticalSlash(130, 800));
    assertComesBack("dual-chunk", file, plan);
    assertThatThrownBy(() -> imported("dual-chunk", source("a.json", MINFERENCE), NONE))
        .hasMessageContaining("[0].1[0] (\"stream_llm\")");
  }

  @Test
  void duoAttentionOfGates() {
    PeerSource file = source("full_attention_heads.tsv", GATES, "config.json", DUO_CONFIG);
    var format = (DuoAttentionFormat) Formats.named("duo-attention");
    assertThat(format.decides(file, identity())).isFalse();
    HeadScores scores =
        PeerImport.scores(
            format.read(file, identity()),
            format.kept(file),
            new ModelDescription(identity(), List.of()),
            SmallModel.RUN);
    assertThat(scores.scores().axis()).isEqualTo(HeadAxis.KV_HEAD);
    Exported again =
        format.write(JsonFile.mapper().readValue(JsonFile.pretty(scores), HeadScores.class));
    assertThat(FileCheck.isEqual(file.main(), again.files().get("full_attention_heads.tsv")))
        .isTrue();
    assertThat(
            FileCheck.isEqual(
                DUO_CONFIG.getBytes(StandardCharsets.UTF_8), again.files().get("config.json")))
        .isTrue();

    ImportedPlan plan = imported("duo-attention", file, NONE.withSparsity(0.5));
    assertThat(plan.model().headAxis()).isEqualTo(HeadAxis.KV_HEAD);
    assertThat(plan.heads().stream().map(head -> head.prefill() instanceof Dense))
        .containsExactly(true, true, false, false, false, false, true, true);
    assertThat(prefill(plan, 1, 1)).isEqualTo(span(128, 256));
    assertThat(
            prefill(
                imported(
                    "duo-attention",
                    file,
                    NONE.withSparsity(0.5).withSpan(tokens(64), tokens(512))),
                1,
                1))
        .isEqualTo(span(64, 512));
    assertThatThrownBy(() -> imported("duo-attention", file, NONE))
        .hasMessageContaining("scores, no decisions")
        .hasMessageContaining("--sparsity");
  }

  @Test
  void duoAttentionOfDecisions() {
    PeerSource file = source("full_attention_heads.tsv", DECIDED, "config.json", DUO_CONFIG);
    ImportedPlan plan = imported("duo-attention", file, NONE);
    assertThat(prefill(plan, 0, 3)).isEqualTo(span(128, 256));
    assertComesBack("duo-attention", file, plan);
    assertThatThrownBy(() -> export("duo-attention", plan(128, List.of(new Dense(), span(1, 1)))))
        .hasMessageContaining("The heads L0.H0 (dense) and L0.H1 (s1+w1)");
    assertThatThrownBy(
            () ->
                export(
                    "duo-attention",
                    plan(128, List.of(span(1, 1), span(1, 1), span(1, 2), span(1, 2)))))
        .hasMessageContaining("there is one size");
    assertThatThrownBy(() -> export("duo-attention", plan(128, List.of(new Dense()))))
        .hasMessageContaining("No head of the plan streams");
  }

  @Test
  void tiesThatASparsityPartsAreRefused() {
    PeerSource file =
        source("full_attention_heads.tsv", "0.5\t0.5\n0.5\t0.75\n", "config.json", DUO_CONFIG);
    assertThatThrownBy(() -> imported("duo-attention", file, NONE.withSparsity(0.5)))
        .hasMessageContaining("parts 3 heads that all have the score 0.5")
        .hasMessageContaining("--sparsity 0.0 or 0.75");
    assertThat(imported("duo-attention", file, NONE.withSparsity(0.75)).heads())
        .filteredOn(head -> head.prefill() instanceof Dense)
        .hasSize(2);
  }

  @Test
  void lserve() {
    String flags =
        "--ctx-sink-token 128 --ctx-local-token 4096 --dec-sink-token 64 --dec-local-token 256 --dynamic-sparse-token-budget 4096 --sub-chunk-per-block 4 --selector-update-interval 2\n";
    PeerSource file = source("full_attention_heads.tsv", DECIDED, "lserve.flags", flags);
    ImportedPlan plan = imported("lserve", file, NONE);
    assertThat(prefill(plan, 0, 0)).isEqualTo(new Dense());
    assertThat(decode(plan, 0, 0)).isEqualTo(new PageTopK(tokens(64), tokens(16), tokens(4096), 2));
    assertThat(prefill(plan, 0, 2)).isEqualTo(span(128, 4096));
    assertThat(decode(plan, 0, 2)).isEqualTo(span(64, 256));
    assertComesBack("lserve", file, plan);
    assertThatThrownBy(() -> imported("lserve", source("full_attention_heads.tsv", DECIDED), NONE))
        .hasMessageContaining("lserve.flags is not beside");
    assertThatThrownBy(
            () ->
                imported(
                    "lserve",
                    source(
                        "full_attention_heads.tsv", DECIDED, "lserve.flags", "--dec-sink-token 65"),
                    NONE))
        .hasMessageContaining("--dec-sink-token (65) is not a multiple");
  }

  private static String scores(int lastLayer) {
    var text = new StringBuilder("{");
    for (int layer = 0; layer <= lastLayer; layer++) {
      for (int head = 0; head < 4; head++) {
        text.append("\"%d-%d\": [0, %s], ".formatted(layer, head, (layer * 4 + head) / 8.0));
      }
    }
    return text.substring(0, text.length() - 2) + "}";
  }

  @ParameterizedTest
  @CsvSource({"retrieval-head", "headkv"})
  void headScores(String name) {
    var format = (ScoresFormat) Formats.named(name);
    PeerSource file = source("scores.json", scores(1));
    ScoredHeads read = format.read(file, identity());
    assertThat(read.layers().get(1).get(2).mean()).isEqualTo(6 / 8.0 / 2);
    HeadScores scores =
        PeerImport.scores(
            read, format.kept(file), new ModelDescription(identity(), List.of()), SmallModel.RUN);
    HeadScores again = JsonFile.mapper().readValue(JsonFile.pretty(scores), HeadScores.class);
    assertThat(again).isEqualTo(scores);
    assertThat(FileCheck.isEqual(file.main(), format.write(again).files().get("head_score.json")))
        .isTrue();

    ImportedHeads plan =
        ScorePlan.of(read, identity(), NONE.withSparsity(0.75).withSpan(tokens(4), tokens(60)));
    assertThat(plan.heads().stream().map(head -> head.prefill() instanceof Dense))
        .containsExactly(false, false, false, false, false, false, true, true);
    assertThatThrownBy(() -> ScorePlan.of(read, identity(), NONE.withSparsity(0.75)))
        .hasMessageContaining("--sink 128");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"0-3\": [0, 0.375], ' | '' | lacks the key \"0-3\"",
        "0-3 | 0-4 | has the key \"4\", which is none of the 4 query heads",
        "1-3 | 2-3 | none of the 2 layers",
        "1-3 | 1_3 | not layer-head",
        "'[0, 0.375]' | '[0]' | has 1 trials, the first head 2",
        "'[0, 0.0]' | '[]' | none passed the gate",
        "0.375 | -0.1 | is not in 0.0",
        "0.375 | '\"0.375\"' | is not a finite number",
        "0-3 | 0-2 | Duplicate",
      })
  void hostileHeadScores(String part, String instead, String message) {
    assertRefused(
        () ->
            ((ScoresFormat) Formats.named("retrieval-head"))
                .read(source("scores.json", replaced(scores(1), part, instead)), identity()),
        message);
  }

  @Test
  void razorAttention() {
    PeerSource file = source("heads.json", "{\"1\": [1, 0]}");
    ImportedPlan plan = imported("razor-attention", file, NONE);
    assertThat(decode(plan, 0, 0)).isEqualTo(new CompensatedBuffer(tokens(4), tokens(4000), 0.2));
    assertThat(prefill(plan, 0, 0)).isEqualTo(new Dense());
    assertThat(decode(plan, 1, 3)).isEqualTo(new Dense());
    assertComesBack("razor-attention", file, plan);
    PeerSource two =
        source(
            "win.json",
            "{\"prefix_matching\": {\"0\": [1]}, \"copying\": {\"0\": [1], \"1\": [0]}}");
    ImportedPlan union = imported("razor-attention", two, NONE);
    assertThat(decode(union, 0, 2)).isEqualTo(new Dense());
    assertThat(decode(union, 1, 2)).isNotEqualTo(new Dense());
    assertComesBack("razor-attention", two, union);
  }

  @Test
  void snapKv() {
    PeerSource file = source("snapkv.json", SNAPKV);
    ImportedPlan plan = imported("snapkv", file, NONE);
    assertThat(decode(plan, 1, 2))
        .isEqualTo(new KvBudget(tokens(1024), tokens(32), tokens(7), KvBudget.Pooling.MAXIMUM));
    assertComesBack("snapkv", file, plan);
    assertThatThrownBy(
            () ->
                export(
                    "snapkv",
                    plan(128, List.of(new Dense()), decode(plan, 0, 0), decode(plan, 1, 0))))
        .hasMessageContaining("are of one layer and run different patterns");
  }

  private static String channels() {
    var text = new StringBuilder("{");
    for (int layer = 0; layer < 2; layer++) {
      String module = "\"model.layers.%d.self_attn.".formatted(layer);
      text.append(module).append("q_proj\": [[0,1,2,3],[3,2,1,0],[1,0,3,2],[2,3,0,1]],");
      text.append(module).append("k_proj\": [[3,1,2,0],[1,2,3,0]],");
      text.append(module).append("qk_proj\": [[2,1,0,3],[3,0,1,2],[1,3,0,2],[0,3,2,1]],");
    }
    return text.substring(0, text.length() - 1) + "}";
  }

  @Test
  void doubleSparsity() {
    PeerSource file = source("channels.json", channels());
    assertThatThrownBy(() -> imported("double-sparsity", file, NONE))
        .hasMessageContaining("--heavy-channels 32");
    ImportedPlan plan =
        imported("double-sparsity", file, NONE.withHeavy(new Heavy(Projection.K, 2, tokens(512))));
    assertThat(decode(plan, 0, 3)).isEqualTo(new HeavyChannels(List.of(1, 2), tokens(512)));
    assertComesBack("double-sparsity", file, plan);

    Exported fresh =
        export(
            "double-sparsity",
            plan(128, List.of(new Dense()), new HeavyChannels(List.of(2, 0), tokens(64))));
    assertThat(new String(fresh.files().get("channels.json"), StandardCharsets.UTF_8))
        .contains("\"model.layers.1.self_attn.qk_proj\":[[2,0,1,3],");
    assertThat(fresh.losses()).hasSize(2);
  }

  @Test
  void xAttention() {
    PeerSource file = source("thresholds.py", XATTENTION);
    assertThatThrownBy(() -> imported("xattention", file, NONE))
        .hasMessageContaining("strides [8, 16]");
    ImportedPlan plan = imported("xattention", file, NONE.withStride(16));
    assertThat(prefill(plan, 1, 1)).isEqualTo(new AntidiagonalTopP(16, 0.7));
    assertThat(decode(plan, 1, 1)).isEqualTo(new Dense());
    String again =
        new String(export("xattention", plan).files().get("thresholds.py"), StandardCharsets.UTF_8);
    assertThat(again)
        .isEqualTo(
            "llama_fuse_8 = [[0.9,0.8,0.0,0.96],[0.1,0.2,0.3,0.4]]\n"
                + "llama_fuse_16 = [[0.5,0.5,0.5,0.5],[0.6,0.7,0.0,1.0]]\n");
    assertThat(imported("xattention", source("a.py", again), NONE.withStride(8)).heads())
        .isEqualTo(imported("xattention", file, NONE.withStride(8)).heads());
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static PeerSource sparge(byte flag, float likeness) {
    var parts = new ArrayList<Part>();
    for (int layer = 0; layer < 2; layer++) {
      String module = "blocks.%d.attn1.inner_attention.".formatted(layer);
      List<Long> shape = List.of(4L);
      parts.add(new Part(module + "is_sparse", Dtype.BOOL, shape, new byte[] {1, 1, 1, flag}));
      parts.add(new Part(module + "cdfthreshd", Dtype.F32, shape, floats(0.9f, 0.95f, 1, 1)));
      parts.add(new Part(module + "pvthreshd", Dtype.F32, shape, floats(10, 20.5f, 0, 50)));
      parts.add(new Part(module + "simthreshd1", Dtype.F32, shape, floats(-1, likeness, 0, 1)));
      parts.add(new Part(module + "simthreshd2", Dtype.F32, shape, floats(0, 0, 0, 0)));
    }
    return new PeerSource(
        "sparge.safetensors",
        Map.of("sparge.safetensors", SpargeAttnFormat.bytes(Map.of("format", "pt"), parts)));
  }

  @Test
  void spargeAttn() {
    PeerSource file = sparge((byte) 0, 0.9375f);
    ImportedPlan plan = imported("spargeattn", file, NONE);
    assertThat(prefill(plan, 1, 1)).isEqualTo(new SimilarityTopP(0.95, 0.9375, 0, 20.5));
    assertThat(prefill(plan, 1, 3)).isEqualTo(new Dense());
    assertThat(export("spargeattn", plan).files().get("sparge.safetensors"))
        .as("module names come from the file")
        .isEqualTo(file.main());
    assertRefused(() -> imported("spargeattn", sparge((byte) 2, 0), NONE), "neither 0 nor 1");
    assertRefused(() -> imported("spargeattn", sparge((byte) 0, 1.5f), NONE), "likeness (1.5)");
  }

  @Test
  void hip() {
    PeerSource file = source("hip.json", HIP);
    ImportedPlan plan = imported("hip", file, NONE);
    assertThat(prefill(plan, 0, 0)).isInstanceOf(HierarchicalTopK.class);
    assertThat(((HierarchicalTopK) decode(plan, 1, 2)).stages().getFirst().keep())
        .isEqualTo(tokens(32768));
    assertThat(((HierarchicalTopK) decode(plan, 0, 2)).budget()).isEqualTo(tokens(4096));
    assertComesBack("hip", file, plan);
    ImportedPlan dense =
        imported("hip", source("hip.json", HIP.replace("dense\": false", "dense\": true")), NONE);
    assertThat(prefill(dense, 1, 0)).isEqualTo(new Dense());
  }

  /** By the formula (b + 2·head + 1) mod 8 = 0: head 0 starts at block 7, head 3 at block 1. */
  @Test
  void dkernel() {
    PeerSource file = source("config.json", DKERNEL);
    ImportedPlan plan = imported("dkernel", file, NONE);
    assertThat(prefill(plan, 0, 0))
        .isEqualTo(new Strided(tokens(1024), tokens(64), tokens(512), tokens(7 * 64)));
    assertThat(prefill(plan, 0, 3))
        .isEqualTo(new Strided(tokens(1024), tokens(64), tokens(512), tokens(64)));
    assertThat(prefill(plan, 1, 0)).isEqualTo(new Dense());
    assertComesBack("dkernel", file, plan);
    var heads = new ArrayList<Pattern>();
    plan.heads().forEach(head -> heads.add(head.prefill()));
    assertThat(
            new String(
                export("dkernel", plan(64, heads)).files().get("config.json"),
                StandardCharsets.UTF_8))
        .contains("\"blocksparse_vert_stride\" : 8")
        .contains("\"blocksparse_homo_head_pattern\" : false")
        .contains("\"dense_attention_every_n_layers\" : 2");
    heads.set(2, heads.get(0));
    assertThatThrownBy(() -> export("dkernel", plan(64, heads)))
        .hasMessageContaining("The head L0.H2")
        .hasMessageContaining("formula");
  }

  @Test
  void modelOpt() {
    PeerSource file = source("config.json", MODELOPT);
    ImportedPlan plan = imported("modelopt", file, NONE);
    assertThat(prefill(plan, 0, 0)).isEqualTo(new SkipSoftmax(7.93, 8.61, 0.5));
    assertThat(decode(plan, 0, 0)).as("no target, no rule").isEqualTo(new Dense());
    assertThat(prefill(plan, 1, 0)).as("ignored").isEqualTo(new Dense());
    assertComesBack("modelopt", file, plan);
    String older =
        """
        {"sparse_algo": "softmax_skip", "target_sparse_ratio": {"prefill": 0.5, "decode": 0.25},
         "threshold_scale_factor": {"prefill": {"a": 7.93, "b": 8.61}, "decode": {"a": 2, "b": 0}}}
        """;
    ImportedPlan old = imported("modelopt", source("c.json", older), NONE);
    assertThat(decode(old, 1, 1)).isEqualTo(new SkipSoftmax(2, 0, 0.25));
    assertComesBack("modelopt", source("c.json", older), old);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "moa | betas | betta | betta",
        "moa | ', 2048]' | ']' | alphas[0] ([0.0,-1024.0,0.0]) of the file (hostile.json) has 3 entries; there are 4 query heads",
        "moa | '], [64.0, 0.0, 0.0, 0.0]]' | ']]' | has 1 entries; there are 2 layers",
        "moa | 0.875 | 1.5 | betas[0][1] (1.5)",
        "moa | 0.875 | null | betas[0][1] (null)",
        "moa | 0.875 | 1e999 | is not a finite number",
        "moa | '0.125, 0.0]' | '0.0, 0.0]' | alphas[0][2] (0.0)",
        "minference | '\"0\": [\"vertical_and_slash\", 30' | '\"4\": [\"vertical_and_slash\", 30' | \"4\", which is none of the 4 query heads (0 to 3)",
        "minference | '\"1\": [\"stream_llm\", 100, 800, 0.25],' | '' | lacks the key \"1\"",
        "minference | '\"1\": [\"stream' | '\"01\": [\"stream' | has the key \"01\"",
        "minference | '\"1\": [\"stream' | '\"0\": [\"stream' | Duplicate",
        "minference | 'stream_llm' | 'tri_shape' | is none of vertical_and_slash",
        "minference | '6096, 0.5' | '6096' | has 3 entries",
        "minference | 6096 | 0 | is not an integer in 1..",
        "minference | 6096 | 6096.5 | is not an integer in 1..",
        "minference | '6096, 0.5' | '6096, 26473' | their directions are opposite",
        "minference | '30, 800' | '[0.9, 4], [0.9, 4]' | another kind",
        "razor-attention | '[1, 0]' | '[2]' | 1[0] (2)",
        "razor-attention | '[1, 0]' | '[1, 1]' | listed twice",
        "razor-attention | '\"1\"' | '\"2\"' | none of the 2 layers",
        "snapkv | '[4096, 1024]' | '[4096]' | there are 2 layers",
        "snapkv | 1024 | 32 | is not less than the capacity",
        "snapkv | '\"kernel_sizes\": 7' | '\"kernel_sizes\": 6' | is even",
        "snapkv | maxpool | sum | neither avgpool nor maxpool",
        "snapkv | window_sizes | windows | windows",
        "hip | mask_refresh_interval | refresh | refresh",
        "hip | '\"dense_layers\": [0]' | '\"dense_layers\": [2]' | dense_layers[0] (2)",
        "hip | '\"dense_layers\": [0],' | '' | dense_layers (missing)",
        "hip | '\"stage_k\": 32768' | '\"stage_k\": 0' | stage_k (0)",
        "hip | '\"stage_stride\": 2' | '\"stage_strid\": 2' | is not known",
        "dkernel | '\"blocksparse_vert_stride\": 8' | '\"blocksparse_vert_stride\": 0' | blocksparse_vert_stride (0)",
        "dkernel | '\"blocksparse_homo_head_pattern\": false' | '\"blocksparse_homo_head_pattern\": 0' | not true or false",
        "dkernel | ', \"dense_attention_every_n_layers\": 2' | '' | dense_attention_every_n_layers (missing)",
        "modelopt | skip_softmax | sparse_softmax | is not skip_softmax",
        "modelopt | 'a * exp(b * target_sparsity)' | 'a + b' | is not a * exp",
        "modelopt | '\"prefill\": 0.5' | '\"prefill\": 1.5' | is not in 0.0..1.0",
        "modelopt | '\"a\": 7.93' | '\"a\": 0' | is no fit",
        "modelopt | '\"prefill\": {\"a\"' | '\"prefil\": {\"a\"' | threshold_scale_factor.prefill.a",
        "xattention | '0.7' | '1.7' | is not in 0.0..1.0",
        "xattention | ', 1]' | ']' | there are 4 query heads",
        "xattention | '0.7' | '__import__(1)' | not valid",
        "xattention | 'llama_fuse_8' | 'llama_fuse_16' | two tables of stride 16",
        "double-sparsity | '[3,1,2,0]' | '[3,1,2,2]' | listed twice",
        "double-sparsity | '[3,1,2,0]' | '[3,1,2,4]' | is not an integer in 0..3",
        "double-sparsity | '[3,1,2,0]' | '[3,1,2]' | there are 4 channels of a head",
        "double-sparsity | '[[3,1,2,0],' | '[' | there are 2 KV heads",
        "double-sparsity | 'layers.1.self_attn.q_' | 'layers.2.self_attn.q_' | none of the 2 layers",
        "double-sparsity | 'layers.1.self_attn.k_proj' | 'layers.1.self_attn.v_proj' | lacks the key",
      })
  void hostileFiles(String format, String part, String instead, String message) {
    String golden =
        Map.of(
                "moa", MOA,
                "minference", MINFERENCE,
                "razor-attention", "{\"1\": [1, 0]}",
                "snapkv", SNAPKV,
                "hip", HIP,
                "dkernel", DKERNEL.replace("\n", ""),
                "modelopt", MODELOPT,
                "xattention", XATTENTION,
                "double-sparsity", channels())
            .get(format);
    ImportOptions options = NONE.withStride(16).withHeavy(new Heavy(Projection.K, 2, tokens(512)));
    String hostile =
        replaced(golden.replaceAll(",\\s+\"dense_att", ", \"dense_att"), part, instead);
    assertRefused(() -> imported(format, source("hostile.json", hostile), options), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7.5e-01 | 1.5 | has '1.5' in column 2",
        "7.5e-01 | nan | has 'nan' in column 2",
        "'\t7.5e-01' | '' | has 1 gates, the first line 2",
        "'\n0.25\t7.5e-01' | '' | are of 1 layers of 2 KV heads; the model small has 2 layers of 2",
      })
  void hostileGates(String part, String instead, String message) {
    PeerSource file =
        source(
            "full_attention_heads.tsv", replaced(GATES, part, instead), "config.json", DUO_CONFIG);
    assertRefused(() -> imported("duo-attention", file, NONE.withSparsity(0.5)), message);
  }

  @Test
  void sizesOfDuoAttentionHaveNoDefault() {
    PeerSource file =
        source("full_attention_heads.tsv", DECIDED, "config.json", "{\"sink_size\": 128}");
    assertRefused(() -> imported("duo-attention", file, NONE), "recent_size (missing)");
    assertRefused(
        () -> imported("duo-attention", source("full_attention_heads.tsv", DECIDED), NONE),
        "config.json is not beside");
  }

  private static String replaced(String text, String part, String instead) {
    assertThat(text).contains(part);
    return text.replaceFirst(
        java.util.regex.Pattern.quote(part),
        Matcher.quoteReplacement(Optional.ofNullable(instead).orElse("")));
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable importing, String message) {
    assertThatThrownBy(importing)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("\nMaybe ");
  }
}
