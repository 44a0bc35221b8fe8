package io.sparseplan.costmodel.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.plan.MaxPatterns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionRuntimeTest {
  static Stream<String> names() {
    return AttentionRuntime.shippedNames().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyShippedRuntimeHasItsNameItsSourceAndIsWrittenAsItIsRead(
      String name, @TempDir Path directory) throws IOException {
    AttentionRuntime runtime = AttentionRuntime.resolve(name);
    assertThat(runtime.name()).isEqualTo(name);
    assertThat(runtime.source()).isNotBlank();
    Path file = directory.resolve("runtime.json");
    JsonFile.write(file, runtime);
    assertThat(AttentionRuntime.resolve(file.toString())).isEqualTo(runtime);
    assertThat(AttentionRuntime.resolve(file.toString()).sha256()).isEqualTo(runtime.sha256());
  }

  @Test
  void theRulesOfAPlanAreThoseThatTheRuntimeTakes() {
    assertThat(AttentionRuntime.resolve("moa").rules().maxPatternsPerLayer())
        .contains(new MaxPatterns(2));
    assertThat(AttentionRuntime.resolve("moa").rules().granularity())
        .isEqualTo(HeadAxis.QUERY_HEAD);
    assertThat(AttentionRuntime.resolve("flashinfer").rules().granularity())
        .isEqualTo(HeadAxis.KV_HEAD);
    assertThat(AttentionRuntime.resolve("flashinfer").rules().maxPatternsPerLayer()).isEmpty();
    assertThat(AttentionRuntime.resolve("natten").rules().maxPatternsPerLayer())
        .contains(new MaxPatterns(1));
  }

  @Test
  void aTargetThatIsNeitherShippedNorAFileIsRefusedWithTheNames() {
    assertThatThrownBy(() -> AttentionRuntime.resolve("vllm"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("vllm")
        .hasMessageContaining("flex-attention")
        .hasMessageContaining("Maybe ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"per_layer\" | \"per_block\" | launches",
        "\"layerMicros\" : 2000.0 | \"layerMicros\" : -1 | layerMicros",
        "\"layerMicros\" : 2000.0 | \"layerMicros\" : NaN | NaN",
        "\"launchesOfLayer\" : 0 | \"launchesOfLayer\" : -3 | launchesOfLayer",
        "\"maxPatternsPerLayer\" : null | \"maxPatternsPerLayer\" : 0 | maxPatternsPerLayer",
        "\"tokenPermutation\" : null | \"tokenPermutation\" : {\"bandwidthShare\":2,\"source\":\"\"} | bandwidthShare",
        "\"schemaVersion\" : 1 | \"schemaVersion\" : 2 | schemaVersion",
        "\"maskAxis\" | \"headAxis\" | maskAxis"
      })
  void aDamagedFileIsRefusedByItsField(
      String text, String damage, String said, @TempDir Path directory) throws IOException {
    String whole = JsonFile.pretty(AttentionRuntime.resolve("flashinfer"));
    assertThat(whole).contains(text);
    Path file = Files.writeString(directory.resolve("r.json"), whole.replace(text, damage));
    assertThatThrownBy(() -> AttentionRuntime.resolve(file.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("r.json")
        .hasMessageContaining(said);
  }
}
