package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfiledLoss;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.CaptureWriter;
import io.sparseplan.profiler.capture.CaptureDirectory;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardTape;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A capture of llama-1m's own forward and backward pass, against profiling the model itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CaptureProfilerTest {
  private static final Run RUN = new Run("", "", 1, 0, "");

  @TempDir static Path directory;
  private final Workers workers = new Workers(2);
  private Profile direct;
  private Path capture;
  private Path withoutGradients;

  @BeforeAll
  void captureAndProfile() throws IOException {
    ModelDirectory model = ModelDirectory.open(ShippedModel.LLAMA_1M.directory());
    Prompt prompt =
        PromptFile.read(model.defaultPrompts(), model.checkpoint(), model.geometry()).getFirst();
    ModelDirectory.Loaded loaded = model.load(workers);
    direct =
        new ModelProfiler(loaded.model(), basis(loaded.identity(), Objective.MARGIN))
            .profile(List.of(prompt), FinishedPrompts.NONE, Progress.NONE, () -> RUN);
    capture = directory.resolve("capture");
    withoutGradients = directory.resolve("without");
    capture(loaded.model(), prompt);
    header(capture, "\"objective\":\"margin\",", "{\"kind\":\"causal\"}");
    header(withoutGradients, "\"objective\":null,", "{\"kind\":\"causal\"}");
  }

  @AfterAll
  void close() {
    workers.close();
  }

  private static ProfileBasis basis(ModelIdentity identity, Objective objective) {
    return new ProfileBasis(
        Tool.THIS, identity, TileSize.DEFAULT, objective, CandidateSet.standard().candidates());
  }

  private void capture(LlamaModel model, Prompt prompt) {
    AttentionTiles tiles = AttentionTiles.dense(TileGrid.causal(prompt.length(), TileSize.DEFAULT));
    var tape = new ForwardTape();
    Activations states = model.forward(prompt.ids(), tiles, new BitSet(), tape);
    LossGradient loss =
        LossGradient.of(prompt, Objective.MARGIN, states, model.vocabulary(), workers);
    model.backward(
        tape,
        tiles,
        loss.states(),
        (attention, gradient, blocks) -> {
          try {
            var shape = model.geometry().attention();
            CaptureWriter.write(capture.resolve("sample-0"), attention, shape, List.of(gradient));
            CaptureWriter.write(withoutGradients.resolve("sample-0"), attention, shape, List.of());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private void header(Path root, String objective, String layout) throws IOException {
    var shape = direct.model().attention();
    Files.writeString(
        root.resolve("capture.json"),
        """
        {"schemaVersion":1,
         "model":{"name":"llama-1m","architecture":"LlamaForCausalLM","weightsSha256":"%s",
          "layers":%d,"attention":{"queryHeads":%d,"kvHeads":%d,"headDim":%d},"ropeTheta":100000.0},
         "layout":%s,%s
         "samples":[{"name":"sample-0","answerTokens":3}]}
        """
            .formatted(
                direct.model().weights().hex(),
                direct.model().layers().count(),
                shape.queryHeads().count(),
                shape.kvHeads().count(),
                shape.headDim().count(),
                layout,
                objective));
  }

  private Profile profile(Path root) {
    CaptureDirectory opened = CaptureDirectory.open(root);
    return new CaptureProfiler(opened, basis(opened.identity(), opened.objective()), workers)
        .profile(FinishedPrompts.NONE, Progress.NONE, () -> RUN);
  }

  @Test
  void aCaptureHasTheStatisticsOfTheModelBitByBit() {
    Profile captured = profile(capture);
    assertThat(captured.prompts().getFirst().heads())
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(direct.prompts().getFirst().heads());
    assertThat(captured.objective()).isEqualTo(Objective.MARGIN);
    assertThat(captured.prompts().getFirst().answerTokens()).isEqualTo(3);
    assertThat(captured.prompts().getFirst().length()).isEqualTo(direct.lengths().getFirst());
    assertThat(captured.induction()).isEqualTo(Optional.empty());
  }

  @Test
  void withoutGradientsTheOutputErrorsAreTheSameAndNoFirstOrderLossIsGiven() throws IOException {
    Profile captured = profile(withoutGradients);
    List<HeadStatistics> heads = captured.prompts().getFirst().heads();
    for (int head = 0; head < heads.size(); head++) {
      HeadStatistics expected = direct.prompts().getFirst().heads().get(head);
      assertThat(heads.get(head).outputError()).isEqualTo(expected.outputError());
      assertThat(heads.get(head).recall()).isEqualTo(expected.recall());
      assertThat(heads.get(head).blockMass()).isEqualTo(expected.blockMass());
      assertThat(heads.get(head).entropyBits()).isEqualTo(expected.entropyBits());
      assertThat(heads.get(head).firstOrder().rowRms()).containsOnly(0);
    }
    assertThat(new ProfiledLoss(captured, LossStatistic.OUTPUT_ERROR).lengths()).hasSize(1);
    assertThatThrownBy(() -> new ProfiledLoss(captured, LossStatistic.FIRST_ORDER_MARGIN))
        .isInstanceOf(BadInputException.class);
    Path file = directory.resolve("captured.profile");
    captured.write(file);
    assertThat(Profile.read(file)).usingRecursiveComparison().isEqualTo(captured);
  }

  @Test
  void whatIsMissingOrDoesNotFitIsNamed() throws IOException {
    Path broken = directory.resolve("broken");
    copy(capture, broken);
    Path layer = broken.resolve("sample-0").resolve("layer-1.safetensors");
    header(broken, "\"objective\":null,", "{\"kind\":\"causal\"}");
    assertRefused(broken, "it has output_gradient, and capture.json names no objective");
    header(broken, "\"objective\":\"none\",", "{\"kind\":\"causal\"}");
    assertRefused(broken, "objective");
    header(
        broken,
        "\"objective\":\"margin\",",
        "{\"kind\":\"video\",\"frames\":3,\"height\":4,\"width\":5,\"textTokens\":2,\"text\":\"last\"}");
    assertRefused(
        broken, "capture.json says that it is of video, 3 × 4 × 5 and 2 of text, 62 tokens");
    header(broken, "\"objective\":\"margin\",", "{\"kind\":\"causal\"}");
    try (var file = new RandomAccessFile(layer.toFile(), "rw")) {
      file.seek(file.length() - 4);
      file.write(new byte[] {0, 0, (byte) 0xc0, 0x7f});
    }
    assertThatThrownBy(() -> profile(broken))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("has a value (NaN) at element")
        .hasMessageContaining(layer.toString());
    Files.copy(
        withoutGradients.resolve("sample-0").resolve("layer-1.safetensors"),
        layer,
        StandardCopyOption.REPLACE_EXISTING);
    assertRefused(broken, "has no tensor output_gradient");
    Files.delete(layer);
    assertRefused(broken, "layer-1.safetensors) does not exist");
    Files.delete(broken.resolve("capture.json"));
    assertRefused(broken, "capture.json) does not exist");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("sample-0"));
    try (var files = Files.list(from.resolve("sample-0"))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve("sample-0").resolve(file.getFileName()));
      }
    }
  }

  private static void assertRefused(Path root, String named) {
    assertThatThrownBy(() -> CaptureDirectory.open(root))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(root.toString())
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe ");
  }
}
