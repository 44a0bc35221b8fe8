package io.sparseplan.plans.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
          "vocab_size":100             | "vocab_size":100,"attention_bias":true            | attention_bias (true)
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
