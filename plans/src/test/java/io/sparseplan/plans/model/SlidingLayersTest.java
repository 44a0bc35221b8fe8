package io.sparseplan.plans.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlidingLayersTest {
  private static final AttentionReach ALL = new AttentionReach.Everything();
  private static final AttentionReach NEAR = new AttentionReach.SlidingWindow(Tokens.of(512));
  private static final AttentionReach FAR = new AttentionReach.SlidingWindow(Tokens.of(4096));

  private static ModelIdentity model(int layers, List<SlidingLayers> sliding) {
    return new ModelIdentity(
        "m",
        "Qwen2ForCausalLM",
        Sha256.of("c"),
        Sha256.of("w"),
        new LayerCount(layers),
        new AttentionShape(new QueryHeads(4), new KvHeads(2), new HeadDim(64)),
        new Rope(1e6),
        sliding,
        HeadAxis.QUERY_HEAD);
  }

  private static List<LayerIndex> layers(int... values) {
    return IntStream.of(values).mapToObj(LayerIndex::new).toList();
  }

  @Test
  void aModelKnowsTheReachOfEachLayerAndKeepsItInItsFile() {
    List<AttentionReach> reach = List.of(ALL, NEAR, FAR, NEAR, ALL);
    ModelIdentity model = model(5, SlidingLayers.of(reach));
    assertThat(model.slidingLayers())
        .containsExactly(
            new SlidingLayers(Tokens.of(512), layers(1, 3)),
            new SlidingLayers(Tokens.of(4096), layers(2)));
    assertThat(model.reachOfLayers()).isEqualTo(reach);
    String json = JsonFile.pretty(model);
    assertThat(JsonFile.mapper().readValue(json, ModelIdentity.class)).isEqualTo(model);
    assertThat(model.along(HeadAxis.KV_HEAD).reachOfLayers()).isEqualTo(reach);
  }

  @Test
  void aModelWithoutWindowsSeesEverything() {
    assertThat(SlidingLayers.of(List.of(ALL, ALL))).isEmpty();
    assertThat(model(2, List.of()).reachOfLayers()).containsExactly(ALL, ALL);
  }

  @Test
  void layersThatAreNotThereOrNamedTwiceAreRefused() {
    assertThatThrownBy(() -> model(2, List.of(new SlidingLayers(Tokens.of(9), layers(2)))))
        .hasMessageContaining("layer 2");
    assertThatThrownBy(
            () ->
                model(
                    2,
                    List.of(
                        new SlidingLayers(Tokens.of(9), layers(1)),
                        new SlidingLayers(Tokens.of(8), layers(1)))))
        .hasMessageContaining("layer 1");
    assertThatThrownBy(() -> new SlidingLayers(Tokens.of(9), layers(1, 1)))
        .hasMessageContaining("must ascend");
    assertThatThrownBy(() -> new SlidingLayers(Tokens.of(9), layers()))
        .hasMessageContaining("no layer");
    assertThatThrownBy(() -> new SlidingLayers(Tokens.of(0), layers(1)))
        .hasMessageContaining("sliding_window (0)");
  }
}
