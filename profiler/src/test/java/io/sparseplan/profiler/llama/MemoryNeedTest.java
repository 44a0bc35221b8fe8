package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.model.ModelGeometry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model needs its largest layer and one prompt's activations, however many layers it has. */
final class MemoryNeedTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  private ModelGeometry geometry(int layers, int hidden, int intermediate, int vocabulary)
      throws IOException {
    Map<String, Object> config = new TreeMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("hidden_size", hidden);
    config.put("intermediate_size", intermediate);
    config.put("max_position_embeddings", 8192);
    config.put("num_attention_heads", hidden / 128);
    config.put("num_hidden_layers", layers);
    config.put("num_key_value_heads", 8);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 500_000.0);
    config.put("vocab_size", vocabulary);
    config.put("tie_word_embeddings", false);
    Path file = directory.resolve("config.json");
    JsonFile.write(file, config);
    return ConfigJson.read(file);
  }

  @Test
  void llama70bNeedsNoMoreThanItsLargestLayer() throws IOException {
    ModelGeometry model = geometry(80, 8192, 28_672, 128_256);
    var weights = new WeightBytes(model);
    long decoderLayer = 4L * 8192 * (2 * 8192 + 2 * 1024 + 3 * 28_672);
    long outputLayer = 4L * 8192 * 128_256;
    assertThat(weights.layer()).isEqualTo(decoderLayer);
    assertThat(weights.all()).isEqualTo(80 * decoderLayer + outputLayer);
    var need = new MemoryNeed(model, WeightResidency.STREAMED, 4096, 2);
    assertThat(need.weightBytes()).isEqualTo(Math.max(decoderLayer, outputLayer));
    assertThat(WeightResidency.fitting(model, 64L << 30)).isEqualTo(WeightResidency.STREAMED);
    assertThat(
            new MemoryNeed(geometry(8, 8192, 28_672, 128_256), WeightResidency.STREAMED, 4096, 2)
                .weightBytes())
        .isEqualTo(need.weightBytes());
    assertThat(new WeightBytes(geometry(80, 8192, 28_672, 32_000)).largestStep())
        .as("with a small vocabulary, a part of one decoder layer")
        .isLessThan(decoderLayer);
  }

  @Test
  void smallModelsAreHeld() throws IOException {
    ModelGeometry model = geometry(8, 1024, 4096, 8192);
    assertThat(WeightResidency.fitting(model, 3L << 30)).isEqualTo(WeightResidency.HELD);
    assertThat(WeightResidency.fitting(model, 1L << 30)).isEqualTo(WeightResidency.STREAMED);
  }

  @Test
  void activationsAreKeptWhereTheyLeaveTwoFifthsOfTheHeap() throws IOException {
    var need = new MemoryNeed(geometry(8, 1024, 4096, 8192), WeightResidency.HELD, 4096, 2);
    long kept = 8 * 4L * 4096 * (1024 + 2 * 1024 + 1024 + 2 * 4096);
    assertThat(need.leavesRoomToKeepAll((need.bytes() + kept) * 10 / 6 - 8 * MIB)).isFalse();
    assertThat(need.leavesRoomToKeepAll((need.bytes() + kept) * 10 / 6 + 8 * MIB)).isTrue();
  }

  /** The weights are a sparse file of zeros, whose arithmetic is as much as any. */
  @Test
  void aModelOfManyTimesTheHeapIsProfiledInWhatIsCalculated() throws Exception {
    ModelGeometry model = geometry(12, 1024, 1024, 512);
    SparseCheckpoint.write(directory, model);
    var need = new MemoryNeed(model, WeightResidency.STREAMED, SparseCheckpoint.TOKENS, 2);
    long heapBytes = need.bytes() + 40 * MIB;
    assertThat(new WeightBytes(model).all()).isGreaterThan(4 * heapBytes);
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx%dm".formatted(heapBytes / MIB),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                SparseCheckpoint.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(run.getInputStream().readAllBytes());
    assertThat(run.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(said).contains("profiled 96 heads");
    assertThat(run.exitValue()).isZero();
  }
}
