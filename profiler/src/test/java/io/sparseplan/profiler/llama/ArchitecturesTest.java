package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.profiler.ArchitectureFixture;
import io.sparseplan.profiler.Difference;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadPatterns;
import io.sparseplan.profiler.attention.NaiveAttention;
import io.sparseplan.profiler.evaluate.TokenScores;
import io.sparseplan.profiler.kernel.Activations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Our forward pass of each architecture against transformers', both in float32. */
final class ArchitecturesTest {
  private static final double RELATIVE = 1e-4;

  /** Tiles that a window's edge crosses, and one that holds the whole prompt. */
  private static final int[] TILES = {8, 16, 128};

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void projectionsAndAttentionOutputEqualPyTorchs(ArchitectureFixture fixture) {
    for (int tile : TILES) {
      Seen seen = run(fixture, new Dense(), tile);
      for (String name : List.of("q_proj", "k_proj", "v_proj", "attn_out")) {
        assertThat(
                Difference.relative(
                    seen.lastLayer.get(name),
                    fixture.reference("layer" + ArchitectureFixture.LAYER + "." + name)))
            .as("%s, tile %d", name, tile)
            .isLessThan(RELATIVE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void lastLogitsEqualPyTorchs(ArchitectureFixture fixture) {
    assertThat(Difference.relative(run(fixture, new Dense(), 16).lastLogits, logitsOf(fixture)))
        .isLessThan(RELATIVE);
  }

  @ParameterizedTest
  @EnumSource
  void tokenLossesEqualPyTorchs(ArchitectureFixture fixture) {
    double[] loss = run(fixture, new Dense(), 16).loss;
    float[] reference = fixture.reference("token_loss");
    assertThat(loss).hasSameSizeAs(reference);
    for (int t = 0; t < loss.length; t++) {
      assertThat(loss[t]).as("token %d", t).isCloseTo(reference[t], within(1e-3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void softmaxWeightsOfOneHeadEqualPyTorchs(ArchitectureFixture fixture) {
    float[] reference = fixture.reference("attention");
    int tokens = fixture.ids().length;
    float[] ours = new float[reference.length];
    NaiveAttention naive = run(fixture, new Dense(), 16).lastAttention;
    TileGrid grid = ShippedModel.grid(tokens, 16);
    for (int row = 0; row < ArchitectureFixture.LAST_ROWS; row++) {
      int query = tokens - ArchitectureFixture.LAST_ROWS + row;
      double[] weights = naive.weights(ArchitectureFixture.HEAD, query, new Dense(), grid);
      for (int key = 0; key < tokens; key++) {
        ours[row * tokens + key] = (float) weights[key];
      }
    }
    assertThat(Difference.relative(ours, reference)).isLessThan(RELATIVE);
  }

  /** A span that holds every tile within reach keeps what dense keeps, and never more. */
  @ParameterizedTest
  @CsvSource({"MISTRAL, 21", "PHI3, 40"})
  void aSpanThatReachesBeyondTheSlidingWindowIsDense(ArchitectureFixture fixture, int window) {
    assertThat(fixture.geometry().reach())
        .containsOnly(new AttentionReach.SlidingWindow(Tokens.of(window)));
    var beyond = new ElasticSpan(Tokens.of(9), Tokens.of(window + 8), 0);
    Seen seen = run(fixture, beyond, 8);
    assertThat(Difference.relative(seen.lastLogits, run(fixture, new Dense(), 8).lastLogits))
        .isZero();
    var within = new ElasticSpan(Tokens.of(0), Tokens.of(window - 8), 0);
    assertThat(Difference.relative(run(fixture, within, 8).lastLogits, logitsOf(fixture)))
        .isGreaterThan(100 * RELATIVE);
  }

  @Test
  void everyFixtureNeedsWhatItsArchitectureAdds() {
    assertThat(ArchitectureFixture.QWEN2.geometry().reach())
        .containsExactly(
            new AttentionReach.Everything(), new AttentionReach.SlidingWindow(Tokens.of(13)));
    assertThat(ArchitectureFixture.QWEN2.geometry().biases().queryKeyValue()).isTrue();
    assertThat(ArchitectureFixture.LLAMA_LINEAR_ROPE_BIAS.geometry().biases().mlp()).isTrue();
    var qwen3 = ArchitectureFixture.QWEN3.geometry();
    assertThat(qwen3.attention().queryWidth()).isNotEqualTo(qwen3.hiddenSize());
    var phi3 = ArchitectureFixture.PHI3.geometry();
    assertThat(phi3.rope().rotaryElements(phi3.attention().headDim()))
        .isLessThan(phi3.attention().headDim().count());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          QWEN2                  | "sliding_window": 13        | "sliding_window": 14
          MISTRAL                | "sliding_window": 21        | "sliding_window": null
          LLAMA_LLAMA3_ROPE      | "rope_type": "llama3"       | "rope_type": "linear"
          LLAMA_LLAMA3_ROPE      | "factor": 8.0               | "factor": 7.5
          LLAMA_LLAMA3_ROPE      | "high_freq_factor": 4.0     | "high_freq_factor": 5.0
          LLAMA_LINEAR_ROPE_BIAS | "factor": 4.0               | "factor": 3.9
          LLAMA_LINEAR_ROPE_BIAS | "attention_bias": true      | "attention_bias": false
          LLAMA_LINEAR_ROPE_BIAS | "mlp_bias": true            | "mlp_bias": false
          PHI3                   | "partial_rotary_factor": 0.75 | "partial_rotary_factor": 0.5
          """)
  void anotherConfigWouldShow(ArchitectureFixture fixture, String from, String to)
      throws IOException {
    String config = Files.readString(fixture.directory().resolve("config.json"));
    assertThat(config).contains(from);
    Files.writeString(directory.resolve("config.json"), config.replace(from, to));
    Files.copy(
        fixture.directory().resolve("model.safetensors"), directory.resolve("model.safetensors"));
    try (Workers workers = new Workers(2)) {
      LlamaModel model = ModelDirectory.open(directory).load(workers).model();
      assertThat(
              Difference.relative(
                  run(model, fixture.ids(), new Dense(), 16, workers).lastLogits,
                  logitsOf(fixture)))
          .isGreaterThan(10 * RELATIVE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          QWEN3  | Qwen2ForCausalLM   | q_proj.bias
          PHI3   | MistralForCausalLM | num_key_value_heads
          QWEN2  | Phi3ForCausalLM    | layer_types
          MISTRAL| Phi3ForCausalLM    | qkv_proj.weight
          MISTRAL| Qwen2ForCausalLM   | q_proj.bias
          """)
  void theWeightsOfAnotherArchitectureAreRefused(
      ArchitectureFixture fixture, String architecture, String named) throws IOException {
    String config = Files.readString(fixture.directory().resolve("config.json"));
    String own = fixture.geometry().architecture().className();
    Files.writeString(
        directory.resolve("config.json"),
        config
            .replace(own, architecture)
            .replace(
                named.equals("num_key_value_heads") ? "\"num_key_value_heads\": 2," : "none", "")
            .replace("\"partial_rotary_factor\": 0.75", "\"partial_rotary_factor\": 1"));
    Files.copy(
        fixture.directory().resolve("model.safetensors"), directory.resolve("model.safetensors"));
    try (Workers workers = new Workers(1)) {
      assertThatThrownBy(() -> ModelDirectory.open(directory).load(workers))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(named)
          .hasMessageContaining("\nMaybe ");
    }
  }

  private static float[] logitsOf(ArchitectureFixture fixture) {
    return fixture.reference("logits_last16");
  }

  /** What a forward pass showed; arrays are copies without padding. */
  private record Seen(
      Map<String, float[]> lastLayer,
      NaiveAttention lastAttention,
      float[] lastLogits,
      double[] loss) {}

  private static Seen run(ArchitectureFixture fixture, FixedPattern pattern, int tile) {
    try (Workers workers = new Workers(2)) {
      return run(fixture.load(workers), fixture.ids(), pattern, tile, workers);
    }
  }

  private static Seen run(
      LlamaModel model, int[] ids, FixedPattern pattern, int tile, Workers workers) {
    Map<String, float[]> lastLayer = new TreeMap<>();
    var lastAttention = new ArrayList<NaiveAttention>();
    TileGrid grid = ShippedModel.grid(ids.length, tile);
    Activations states =
        model.forward(
            ids,
            AttentionTiles.uniform(HeadPatterns.both(pattern), grid),
            new BitSet(),
            attention -> {
              if (attention.layer() == ArchitectureFixture.LAYER) {
                lastLayer.put("q_proj", attention.q().rows());
                lastLayer.put("k_proj", attention.k().rows());
                lastLayer.put("v_proj", attention.v().rows());
                lastLayer.put("attn_out", attention.output().o().rows());
                lastAttention.add(
                    new NaiveAttention(
                        model.geometry().attention(),
                        model.geometry().rope(),
                        model.geometry().reach().get(ArchitectureFixture.LAYER),
                        attention.q(),
                        attention.k(),
                        attention.v()));
              }
            });
    Vocabulary vocabulary = model.vocabulary();
    int first = ids.length - ArchitectureFixture.LAST_ROWS;
    float[] logits = vocabulary.logits().of(states, first, ids.length).rows();
    return new Seen(
        lastLayer,
        lastAttention.getFirst(),
        Arrays.copyOf(logits, ArchitectureFixture.LAST_ROWS * vocabulary.size()),
        TokenScores.of(states, ids, vocabulary, workers).loss());
  }
}
