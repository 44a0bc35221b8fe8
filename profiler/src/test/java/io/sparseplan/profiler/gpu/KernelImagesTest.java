package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelImagesTest {
  private static final Path SOURCES = Path.of("src", "main", "cuda");
  private static final Path HEADERS = Path.of("src", "main", "cuda-include");

  private final KernelImages images = KernelImages.shipped();

  @Test
  void everyImageWasMadeOfItsSourceAsItIsNow() throws IOException {
    for (KernelImage image : images.all()) {
      assertThat(image.sourceSha256())
          .as("%s: build it again with mvn -Pcuda", image.name())
          .isEqualTo(Sha256.ofFile(SOURCES.resolve(image.source())));
    }
  }

  @Test
  void everyImageWasMadeWithItsHeadersAsTheyAreNow() throws IOException {
    for (KernelImage image : images.all()) {
      assertThat(image.headerSha256s())
          .as("%s: build it again with mvn -Pcuda", image.name())
          .isEqualTo(headersOf(SOURCES.resolve(image.source())));
    }
  }

  private static Map<String, Sha256> headersOf(Path file) throws IOException {
    var headers = new HashMap<String, Sha256>();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("#include \"")) {
        String name = line.split("\"")[1];
        headers.put(name, Sha256.ofFile(HEADERS.resolve(name)));
        headers.putAll(headersOf(HEADERS.resolve(name)));
      }
    }
    return headers;
  }

  @Test
  void everySourceIsCompiled() throws IOException {
    try (var sources = Files.list(SOURCES)) {
      assertThat(images.all().stream().map(KernelImage::source).distinct())
          .containsExactlyInAnyOrderElementsOf(
              sources.map(source -> source.getFileName().toString()).toList());
    }
  }

  @Test
  void everyImageIsTheOneThatIsListed() {
    for (KernelImage image : images.all()) {
      assertThat(Sha256.of(images.bytes(image))).as(image.name()).isEqualTo(image.sha256());
    }
    assertThat(images.all().stream().map(KernelImage::name)).doesNotHaveDuplicates();
  }

  @Test
  void ptxIsForAmpereAndLaterAndMachineCodeForHopperAlone() {
    for (KernelImage image : images.all()) {
      byte[] bytes = images.bytes(image);
      switch (image.target()) {
        case COMPUTE_80 ->
            assertThat(new String(bytes, StandardCharsets.US_ASCII))
                .as(image.name())
                .contains(".target sm_80")
                .contains(".entry " + image.source().replace(".cu", ""));
        case SM_90A -> assertThat(bytes).as(image.name()).startsWith(0x7f, 'E', 'L', 'F');
      }
      assertThat(image.target().runsOn(new ComputeCapability(7, 5))).isFalse();
      assertThat(image.target().runsOn(new ComputeCapability(10, 0)))
          .isEqualTo(image.target() == KernelImage.Target.COMPUTE_80);
    }
  }

  @Test
  void everyShapeHasAPrefillKernelOnEveryGpuSinceAmpere() {
    for (int headDim : List.of(64, 128)) {
      for (int tile : List.of(64, 128)) {
        var choice =
            new KernelChoice("block_sparse_prefill.cu", Map.of("HEAD_DIM", headDim, "TILE", tile));
        for (ComputeCapability capability :
            List.of(
                new ComputeCapability(8, 0),
                new ComputeCapability(8, 9),
                new ComputeCapability(9, 0),
                new ComputeCapability(12, 0))) {
          assertThat(images.best(choice, capability).target().runsOn(capability)).isTrue();
        }
      }
    }
  }

  @Test
  void aShapeThatWasNotCompiledIsRefused() {
    var choice = new KernelChoice("block_sparse_prefill.cu", Map.of("HEAD_DIM", 80, "TILE", 128));
    assertThatThrownBy(() -> images.best(choice, new ComputeCapability(9, 0)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("HEAD_DIM=80")
        .hasMessageContaining("\nMaybe ");
  }
}
