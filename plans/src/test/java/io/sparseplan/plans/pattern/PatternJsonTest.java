package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Window;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.plan.PlanSchema;
import java.util.HashSet;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every pattern as plans and candidate files hold it, and as the schema says. */
final class PatternJsonTest {
  private static final List<Pattern> ONE_OF_EACH =
      List.of(
          new Dense(),
          new Skip(),
          new ElasticSpan(Tokens.of(128), Tokens.of(1), 0.25),
          new TriShape(Tokens.of(128), Tokens.of(1), 0.25, Tokens.of(256)),
          new Strided(Tokens.of(256), Tokens.of(128), Tokens.of(512), Tokens.of(7)),
          new DilatedWindow(Tokens.of(128), Tokens.of(2048), Tokens.of(256)),
          new FrozenVerticalSlash(
              List.of(Tokens.of(0), Tokens.of(77)), List.of(Tokens.of(0), Tokens.of(9))),
          new Neighborhood(
              AxisWindow.of(16),
              new AxisWindow(new Window(24), new Stride(8), new Dilation(2), false),
              new AxisWindow(new Window(4), new Stride(1), new Dilation(1), true)),
          SlidingTile.ofSta(new Extents(3, 6, 10)),
          new VideoBand(VideoBand.Order.PLACE_MAJOR, Tokens.of(700), true),
          new VideoStripes(Tokens.of(64), Tokens.of(576), Tokens.of(3)),
          new RadialDecay(0.2, RadialDecay.BLOCK, true),
          new WindowSets(
              new Extents(1, 12, 12),
              new WindowSets.Shift(0, 6, 6),
              Tokens.of(36),
              WindowSets.SortAxis.HEIGHT),
          new Grid(Tokens.of(1024), Tokens.of(77), Tokens.of(64)),
          new ModalityCells(
              List.of(Tokens.of(30), Tokens.of(4000)),
              new Dense(),
              new ElasticSpan(Tokens.of(64), Tokens.of(512), 0),
              new Skip(),
              new Grid(Tokens.of(1024), Tokens.of(0), Tokens.of(1))),
          new VerticalSlash(30, 800),
          new BlockTopK(Tokens.of(512), 0.125),
          new BlockTopP(0.9, Tokens.of(0), 0.5),
          new BandOfBlocks(-1024, 0.875),
          new FixedFactorised(Tokens.of(512), Tokens.of(32)),
          new BlockThreshold(0.002),
          new AnchorThreshold(4.5),
          new ChunkTopK(Tokens.of(1024), 6),
          new CoveringVerticalSlash(
              new CoveringVerticalSlash.Share(0.9, 4096), new CoveringVerticalSlash.Share(0.8, 9)),
          new VideoChunkTopK(new Extents(2, 45, 80), 3, ChosenAmong.QUERY),
          new VideoChunkTopP(new Extents(4, 6, 4), 0.25, ChosenAmong.HEAD),
          new AntidiagonalTopP(16, 0.9),
          new ClusterTopP(300, 1000, 0.9, 0.1, new ClusterTopP.Rounds(50, 2, true), 0),
          new CompensatedBuffer(Tokens.of(4), Tokens.of(4000), 0.2),
          new HashBuckets(7, Tokens.of(256), Tokens.of(256), Tokens.of(4096), 3),
          new HeavyChannels(List.of(5, 0, 7), Tokens.of(512)),
          new HierarchicalTopK(
              List.of(
                  new HierarchicalTopK.Stage(
                      Tokens.of(64), Tokens.of(4), Tokens.of(256), Tokens.of(0), 1)),
              Tokens.of(2048),
              Tokens.of(1024),
              Tokens.of(256)),
          new KvBudget(Tokens.of(4096), Tokens.of(32), Tokens.of(7), KvBudget.Pooling.MAXIMUM),
          new PageTopK(Tokens.of(64), Tokens.of(16), Tokens.of(4096), 4),
          new SampledBand(0.25, 64, 10_000, true, 7),
          new SimilarityTopP(0.95, 0.5, -1, 20),
          new SkipSoftmax(7.93, 8.61, 0.5),
          new TokensOfLayer(new LayerIndex(13), Tokens.of(512)));

  @Test
  void everyPatternReadsBack() {
    for (Pattern pattern : ONE_OF_EACH) {
      String json = JsonFile.mapper().writeValueAsString(pattern);
      assertThat(JsonFile.mapper().readValue(json, Pattern.class)).as(json).isEqualTo(pattern);
    }
  }

  @Test
  void theSchemaHasEveryPatternWithItsProperties() {
    JsonNode patterns = JsonFile.mapper().readTree(PlanSchema.text()).at("/$defs/pattern/oneOf");
    assertThat(patterns.size()).isEqualTo(ONE_OF_EACH.size());
    for (Pattern pattern : ONE_OF_EACH) {
      JsonNode written = JsonFile.mapper().valueToTree(pattern);
      String kind = written.get("kind").asString();
      JsonNode schema =
          StreamSupport.stream(patterns.spliterator(), false)
              .filter(each -> each.at("/properties/kind/const").asString().equals(kind))
              .findFirst()
              .orElseThrow();
      assertThat(new HashSet<>(schema.get("properties").propertyNames()))
          .as(kind)
          .isEqualTo(new HashSet<>(written.propertyNames()));
      assertThat(schema.get("required").size()).as(kind).isEqualTo(written.size());
    }
  }

  @Test
  void everyPatternIsHere() {
    assertThat(ONE_OF_EACH.stream().map(Object::getClass).distinct().count())
        .isEqualTo(
            FixedPattern.class.getPermittedSubclasses().length
                - 1
                + (long) VideoPattern.class.getPermittedSubclasses().length
                + SelectedPattern.class.getPermittedSubclasses().length
                + DecodePattern.class.getPermittedSubclasses().length
                - 1
                + (long) PermutedPattern.class.getPermittedSubclasses().length);
  }
}
