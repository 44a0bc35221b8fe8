package io.sparseplan.plans.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigJsonTest {
  private static final String LLAMA =
      """
      {"architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":96,
       "max_position_embeddings":512,"num_attention_heads":4,"num_hidden_layers":2,
       "num_key_value_heads":2,"rms_norm_eps":1e-05,"rope_theta":500000.0,"vocab_size":100}
      """;

  @TempDir Path directory;

  private ModelGeometry read(String json) throws IOException {
    return ConfigJson.read(Files.writeString(directory.resolve("config.json"), json));
  }

  @Test
  void transformersFourAndFiveGiveTheSameGeometry() throws IOException {
    ModelGeometry four = read(LLAMA);
    ModelGeometry five =
        read(
            LLAMA.replace(
                "\"rope_theta\":500000.0",
                "\"rope_parameters\":{\"rope_theta\":500000.0,\"rope_type\":\"default\"}"));
    assertThat(four).isEqualTo(five);
    assertThat(four.rope().theta()).isEqualTo(500_000);
    assertThat(four.attention().headDim().count()).isEqualTo(16);
    assertThat(four.attention().groupSize()).isEqualTo(2);
  }

  @Test
  void absentFieldsHaveTransformersDefaults() throws IOException {
    ModelGeometry geometry =
        read(
            LLAMA
                .replace("\"num_key_value_heads\":2,", "")
                .replace("\"rope_theta\":500000.0,", ""));
    assertThat(geometry.attention().kvHeads().count()).isEqualTo(4);
    assertThat(geometry.rope().theta()).isEqualTo(10_000);
    assertThat(geometry.tiedEmbeddings()).isFalse();
  }

  @Test
  void rotaryScalingIsReadFromBothVersionsOfTransformers() throws IOException {
    String llama3 =
        "\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
            + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":8192}";
    ModelGeometry four = read(LLAMA.replace("{\"arch", "{\"rope_scaling\":{" + llama3 + ",\"arch"));
    ModelGeometry five =
        read(
            LLAMA.replace(
                "\"rope_theta\":500000.0",
                "\"rope_parameters\":{\"rope_theta\":500000.0," + llama3));
    assertThat(four).isEqualTo(five);
    assertThat(four.rope())
        .isEqualTo(new Rope(500_000, 1, new RopeScaling.Llama3(8, 1, 4, Tokens.of(8192))));
    assertThat(
            read(LLAMA.replace(
                    "{\"arch", "{\"rope_scaling\":{\"type\":\"linear\",\"factor\":4},\"arch"))
                .rope()
                .scaling())
        .isEqualTo(new RopeScaling.Linear(4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          LlamaForCausalLM   | "sliding_window":7                                          | all all
          MistralForCausalLM | "sliding_window":7                                          | 7 7
          MistralForCausalLM | "sliding_window":null                                       | all all
          MistralForCausalLM | "hidden_act":"silu"                                         | 4096 4096
          Phi3ForCausalLM    | "sliding_window":7                                          | 7 7
          Phi3ForCausalLM    | "hidden_act":"silu"                                         | all all
          Qwen2ForCausalLM   | "sliding_window":7,"use_sliding_window":false               | all all
          Qwen2ForCausalLM   | "sliding_window":7,"use_sliding_window":true                | all all
          Qwen2ForCausalLM   | "sliding_window":7,"use_sliding_window":true,"max_window_layers":1 | all 7
          Qwen2ForCausalLM   | "sliding_window":7,"use_sliding_window":true,"max_window_layers":0 | 7 7
          Qwen3ForCausalLM   | "sliding_window":7,"use_sliding_window":true,"head_dim":16,"layer_types":["sliding_attention","full_attention"] | 7 all
          """)
  void eachLayerReachesAsFarBackAsItsArchitectureSays(
      String architecture, String fields, String reach) throws IOException {
    ModelGeometry geometry =
        read(
            LLAMA
                .replace("LlamaForCausalLM", architecture)
                .replace("\"vocab_size\"", fields + ",\"vocab_size\""));
    assertThat(geometry.architecture().className()).isEqualTo(architecture);
    assertThat(geometry.reach())
        .containsExactlyElementsOf(
            Arrays.stream(reach.split(" "))
                .map(
                    text ->
                        text.equals("all")
                            ? new AttentionReach.Everything()
                            : new AttentionReach.SlidingWindow(Tokens.of(Integer.parseInt(text))))
                .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "LlamaForCausalLM,   false, false, false",
    "LlamaForCausalLM,   true,  true,  true",
    "MistralForCausalLM, false, false, false",
    "Qwen2ForCausalLM,   false, true,  false",
    "Qwen3ForCausalLM,   false, false, false",
    "Qwen3ForCausalLM,   true,  true,  true",
    "Phi3ForCausalLM,    false, false, false",
  })
  void biasesAreWhereTheArchitectureHasThem(
      String architecture, boolean attentionBias, boolean queryKeyValue, boolean output)
      throws IOException {
    String json =
        LLAMA
            .replace("LlamaForCausalLM", architecture)
            .replace(
                "\"vocab_size\"",
                "\"head_dim\":16,\"attention_bias\":%s,\"vocab_size\"".formatted(attentionBias));
    assertThat(read(json).biases()).isEqualTo(new LinearBiases(queryKeyValue, output, false));
  }

  @Test
  void partOfAHeadMayRotateInPhi3Alone() throws IOException {
    String quarter =
        LLAMA.replace("\"vocab_size\"", "\"partial_rotary_factor\":0.25,\"vocab_size\"");
    assertThatThrownBy(() -> read(quarter))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("partial_rotary_factor (0.25)")
        .hasMessageContaining("LlamaForCausalLM");
    Rope rope = read(quarter.replace("LlamaForCausalLM", "Phi3ForCausalLM")).rope();
    assertThat(rope.rotaryElements(new HeadDim(16))).isEqualTo(4);
    assertThat(rope.rotaryElements(new HeadDim(22))).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "model_type":"deepseek_v3"                       | model_type (deepseek_v3)       | latent
          "kv_lora_rank":512                               | kv_lora_rank (512)             | latent
          "model_type":"deepseek_v32","index_topk":2048    | index_topk (2048)              | sparse by design
          "model_type":"minicpm","sparse_config":{"a":1}   | sparse_config ({"a":1})        | sparse by design
          "model_type":"nsa"                               | model_type (nsa)               | sparse by design
          "model_type":"MiniMaxText01"                     | model_type (minimaxtext01)     | linear attention
          "model_type":"minicpm"                           | model_type (minicpm)           | residuals
          "model_type":"gemma2"                            | model_type (gemma2)            | GeLU
          "model_type":"gemma2","attn_logit_softcapping":50| attn_logit_softcapping (50)    | soft-capped
          "model_type":"gpt_oss"                           | model_type (gpt_oss)           | sinks
          "model_type":"mixtral"                           | model_type (mixtral)           | experts
          "num_experts":8                                  | num_experts (8)                | experts
          "model_type":"qwen3_next"                        | model_type (qwen3_next)        | linear attention
          "quantization_config":{"bits":4}                 | quantization_config            | quantised
          """)
  void aModelThatIsKnownNotToRunIsRefusedWithTheReason(String fields, String named, String reason)
      throws IOException {
    String json = LLAMA.replace("\"vocab_size\"", fields + ",\"vocab_size\"");
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(named)
        .hasMessageContaining(reason)
        .hasMessageContaining("\nMaybe ")
        .hasMessageContaining("Qwen3ForCausalLM");
  }

  @Test
  void fieldsThatAreNullRefuseNothing() throws IOException {
    String json =
        LLAMA.replace(
            "\"vocab_size\"",
            "\"kv_lora_rank\":null,\"quantization_config\":null,\"head_dim\":null,"
                + "\"rope_scaling\":null,\"vocab_size\"");
    assertThat(read(json)).isEqualTo(read(LLAMA));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "LlamaForCausalLM"           | "MambaForCausalLM"                                | architecture ["MambaForCausalLM"]
          "hidden_size":64             | "hidden_size":"64"                                | hidden_size ("64")
          "hidden_size":64             | "hidden_size":0                                   | hidden_size (0)
          "vocab_size":100             | "vocab_size":1e99                                 | vocab_size
          "num_key_value_heads":2      | "num_key_value_heads":3                           | kvHeads (3) must divide
          "LlamaForCausalLM"           | "MambaForCausalLM"                                | LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, Phi3ForCausalLM are
          "LlamaForCausalLM"           | "Qwen3ForCausalLM"                                | head_dim (missing)
          "LlamaForCausalLM"           | "Phi3ForCausalLM"],"attention_bias":true,"a":[1    | attention_bias (true)
          "LlamaForCausalLM"           | "MistralForCausalLM"],"mlp_bias":true,"a":[1       | mlp_bias (true)
          "LlamaForCausalLM"           | "MistralForCausalLM"],"layer_types":["x","y"],"a":[1 | layer_types (["x","y"])
          "LlamaForCausalLM"           | "Qwen2ForCausalLM"],"layer_types":["full_attention"],"a":[1 | layer_types are of 1 layers
          "LlamaForCausalLM"           | "Qwen2ForCausalLM"],"layer_types":["chunked_attention","full_attention"],"a":[1 | layer_types (["chunked_attention"
          "LlamaForCausalLM"           | "Qwen2ForCausalLM"],"layer_types":["sliding_attention","full_attention"],"a":[1 | use_sliding_window is not true
          "LlamaForCausalLM"           | "Qwen2ForCausalLM"],"use_sliding_window":true,"max_window_layers":1,"a":[1 | sliding_window (missing)
          "LlamaForCausalLM"           | "MistralForCausalLM"],"sliding_window":0,"a":[1    | sliding_window (0)
          "vocab_size":100             | "vocab_size":100,"attention_bias":"yes"           | attention_bias ("yes")
          "vocab_size":100             | "vocab_size":100,"rope_scaling":{"type":"su"}     | depend on the length
          "vocab_size":100             | "vocab_size":100,"rope_scaling":{"type":"linear"} | factor (missing)
          "vocab_size":100             | "vocab_size":100,"rope_scaling":{"type":"linear","factor":0} | factor (0.0)
          "vocab_size":100             | "vocab_size":100,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4,"original_max_position_embeddings":8} | high_freq_factor (4.0)
          "vocab_size":100             | "vocab_size":100,"rope_scaling":{"a":1},"rope_parameters":{"a":2} | both rope_scaling
          "vocab_size":100             | "vocab_size":100,"hidden_act":"gelu"              | hidden_act (gelu)
          "vocab_size":100             | "vocab_size":100,"rope_scaling":{"type":"yarn"}   | rope_type (yarn)
          "vocab_size":100             | "vocab_size":100,"head_dim":15                    | head_dim (15) must be even
          "rms_norm_eps":1e-05         | "rms_norm_eps":"NaN"                              | rms_norm_eps ("NaN")
          "vocab_size":100             | "vocab_size":100,"vocab_size":100                 | Duplicate
          """)
  void whatCannotBeRunFaithfullyIsRefusedByName(String from, String to, String named)
      throws IOException {
    String json = LLAMA.replace(from, to == null ? "" : to);
    assertThat(json).isNotEqualTo(LLAMA);
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe ");
  }
}
