package io.sparseplan.cli;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredHead.Dense;
import io.sparseplan.costmodel.measured.MeasuredHead.Random;
import io.sparseplan.costmodel.measured.MeasuredHead.Streaming;
import io.sparseplan.costmodel.measured.MeasuredHead.Strided;
import io.sparseplan.costmodel.measured.MeasuredHead.VerticalSlash;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Which launches {@code calibrate --gpu} measures: for each kernel some shapes, from a fraction of
 * a wave of thread blocks to many waves, and for each shape mixtures of heads that tell the
 * constants apart. Equal short blocks tell what a block costs beside its tiles, dense heads what a
 * tile costs, one dense quarter launched first or last how blocks are scheduled.
 */
final class CalibrationLaunches {
  private CalibrationLaunches() {}

  /** Every launch, in the order of measuring. */
  static List<Launch> all() {
    return shapes().stream().flatMap(shape -> mixtures(shape).stream().map(shape::launch)).toList();
  }

  private record Shape(
      int headDim,
      int tile,
      int queryHeads,
      int kvHeads,
      int tokens,
      int batch,
      Visibility visibility) {
    int tiles() {
      return new TileSize(tile).tilesCovering(tokens);
    }

    Launch launch(List<MeasuredHead> heads) {
      return new Launch(
          Phase.PREFILL,
          batch,
          new AttentionShape(
              new QueryHeads(queryHeads), new KvHeads(kvHeads), new HeadDim(headDim)),
          Tokens.of(tokens),
          new TileSize(tile),
          visibility,
          heads);
    }
  }

  private static List<Shape> shapes() {
    return List.of(
        causal(128, 128, 32, 8, 1024, 1),
        causal(128, 128, 32, 8, 2048, 1),
        causal(128, 128, 32, 8, 4096, 1),
        causal(128, 128, 32, 8, 6000, 1),
        causal(128, 128, 32, 8, 8192, 1),
        causal(128, 128, 32, 8, 16_384, 1),
        causal(128, 128, 32, 8, 32_768, 1),
        causal(128, 128, 8, 8, 8192, 1),
        causal(128, 128, 12, 4, 4096, 4),
        causal(128, 128, 32, 8, 1024, 16),
        bidirectional(128, 128, 24, 24, 8192, 1),
        causal(64, 128, 32, 8, 8192, 1),
        causal(64, 128, 6, 2, 4096, 1),
        causal(64, 128, 6, 2, 2048, 16),
        causal(64, 128, 6, 2, 1024, 64),
        bidirectional(64, 128, 12, 12, 8192, 1),
        causal(128, 64, 32, 8, 8192, 1),
        causal(128, 64, 12, 4, 4096, 1),
        causal(128, 64, 32, 8, 2048, 4),
        causal(64, 64, 32, 8, 4096, 1),
        causal(64, 64, 12, 4, 8192, 1),
        causal(64, 64, 12, 4, 2048, 8));
  }

  private static Shape causal(
      int headDim, int tile, int queryHeads, int kvHeads, int tokens, int batch) {
    return new Shape(headDim, tile, queryHeads, kvHeads, tokens, batch, Visibility.CAUSAL);
  }

  private static Shape bidirectional(
      int headDim, int tile, int queryHeads, int kvHeads, int tokens, int batch) {
    return new Shape(headDim, tile, queryHeads, kvHeads, tokens, batch, Visibility.BIDIRECTIONAL);
  }

  private static List<List<MeasuredHead>> mixtures(Shape shape) {
    int heads = shape.queryHeads();
    int quarter = Math.max(1, heads / 4);
    int tiles = shape.tiles();
    var slash = new VerticalSlash(List.of(0, tiles / 3, tiles / 2), List.of(0, 1, 2, tiles / 4));
    List<MeasuredHead> kinds =
        List.of(streaming(1), streaming(4), slash, new Strided(4), new Random(0.3, 5));
    return List.of(
        heads(heads, head -> new Dense()),
        heads(heads, head -> streaming(2)),
        heads(heads, head -> new Strided(4)),
        heads(heads, head -> new Random(0.25, head)),
        heads(heads, head -> head < quarter ? new Dense() : streaming(2)),
        heads(heads, head -> head >= heads - quarter ? new Dense() : streaming(4)),
        heads(heads, head -> kinds.get(head % kinds.size())));
  }

  private static Streaming streaming(int windowTiles) {
    return new Streaming(new Streaming.Sink(1), new Streaming.Window(windowTiles));
  }

  private static List<MeasuredHead> heads(int count, IntFunction<MeasuredHead> ofHead) {
    return IntStream.range(0, count).mapToObj(ofHead).toList();
  }
}
