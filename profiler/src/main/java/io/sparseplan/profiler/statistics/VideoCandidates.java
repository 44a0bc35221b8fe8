package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Window;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.pattern.AxisWindow;
import io.sparseplan.plans.pattern.ChosenAmong;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.Neighborhood;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.RadialDecay;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.pattern.VideoBand;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.pattern.VideoStripes;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The video patterns that are tried, for the shape of the video. */
final class VideoCandidates {
  private static final double[] BAND_DENSITIES = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5};

  private VideoCandidates() {}

  static Stream<Pattern> slidingTiles(VideoLayout video) {
    Extents extents = video.extents();
    int frames = Math.ceilDiv(extents.frames(), SlidingTile.STA_TILE.frames());
    int height = Math.ceilDiv(extents.height(), SlidingTile.STA_TILE.height());
    int width = Math.ceilDiv(extents.width(), SlidingTile.STA_TILE.width());
    return oddUpTo(frames).stream()
        .flatMap(
            ofFrames ->
                oddUpTo(height).stream()
                    .flatMap(
                        rows ->
                            oddUpTo(width).stream()
                                .map(columns -> new Extents(ofFrames, rows, columns))))
        .filter(window -> !window.equals(new Extents(frames, height, width)))
        .map(SlidingTile::ofSta);
  }

  /** One, three, the odd one above half of them, and all. */
  private static TreeSet<Integer> oddUpTo(int tiles) {
    var windows = new TreeSet<Integer>(List.of(1, Math.min(3, tiles), tiles));
    windows.add(Math.min(tiles, tiles / 2 | 1));
    return windows;
  }

  static Stream<Pattern> neighborhoods(VideoLayout video) {
    List<AxisWindow> frames = windows(video, Axis.FRAMES);
    List<AxisWindow> height = windows(video, Axis.HEIGHT);
    List<AxisWindow> width = windows(video, Axis.WIDTH);
    var all = new Neighborhood(frames.getLast(), height.getLast(), width.getLast());
    return frames.stream()
        .flatMap(
            ofFrames ->
                height.stream()
                    .flatMap(
                        rows ->
                            width.stream()
                                .map(columns -> new Neighborhood(ofFrames, rows, columns))))
        .filter(neighborhood -> !neighborhood.equals(all))
        .map(neighborhood -> neighborhood);
  }

  /** Whole blocks, so that windows end where tiles do. */
  private static List<AxisWindow> windows(VideoLayout video, Axis axis) {
    int length = video.extents().along(axis);
    int block = video.block().along(axis);
    var keys = new TreeSet<Integer>(List.of(length));
    for (int part : new int[] {2, 4}) {
      keys.add(Math.min(length, Math.ceilDiv(Math.ceilDiv(length, part), block) * block));
    }
    return keys.stream()
        .map(window -> new AxisWindow(new Window(window), new Stride(block), Dilation.NONE, false))
        .toList();
  }

  static Stream<Pattern> bands(VideoLayout video) {
    Extents extents = video.extents();
    var reaches = new TreeSet<Integer>();
    for (double density : BAND_DENSITIES) {
      reaches.add((int) (extents.tokens() * (1 - Math.sqrt(1 - density))));
    }
    return Stream.of(VideoBand.Order.values())
        .flatMap(
            order ->
                Stream.concat(Stream.of(narrow(order, extents)), reaches.stream())
                    .distinct()
                    .map(reach -> new VideoBand(order, Tokens.of(reach), false)));
  }

  /** A row of a frame, or one place at all times. */
  private static int narrow(VideoBand.Order order, Extents extents) {
    return switch (order) {
      case FRAME_MAJOR -> extents.width();
      case PLACE_MAJOR -> extents.frames();
    };
  }

  static Stream<Pattern> stripes(VideoLayout video) {
    Extents extents = video.extents();
    int frame = extents.tokensOfFrame();
    Stream<Pattern> columns =
        Stream.of(8, 4, 2)
            .map(part -> Math.max(1, frame / part))
            .distinct()
            .map(width -> new VideoStripes(Tokens.of(width), Tokens.of(frame), Tokens.of(0)));
    var firstFrame = new VideoStripes(Tokens.of(frame), Tokens.of(extents.tokens()), Tokens.of(0));
    return Stream.of(columns, Stream.of((Pattern) firstFrame, new Skip())).flatMap(each -> each);
  }

  static Stream<Pattern> sampledBands() {
    return Stream.of(0.05, 0.1, 0.25, 0.3, 0.5)
        .flatMap(
            density ->
                Stream.of(false, true)
                    .map(first -> new SampledBand(density, 64, 10_000, first, 0)));
  }

  static Stream<Pattern> chunks(VideoLayout video) {
    Extents extents = video.extents();
    int frames = Math.ceilDiv(extents.frames(), 8);
    int height = Math.ceilDiv(extents.height(), 4);
    int width = Math.ceilDiv(extents.width(), 4);
    return Stream.of(
            new Extents(frames, extents.height(), extents.width()),
            new Extents(extents.frames(), height, width),
            new Extents(Math.ceilDiv(extents.frames(), 4), height, width))
        .distinct()
        .flatMap(
            chunk -> {
              int count =
                  Math.ceilDiv(extents.frames(), chunk.frames())
                      * Math.ceilDiv(extents.height(), chunk.height())
                      * Math.ceilDiv(extents.width(), chunk.width());
              Stream<Pattern> byCount =
                  Stream.of(8, 4, 2)
                      .map(part -> Math.ceilDiv(count, part))
                      .distinct()
                      .map(most -> new VideoChunkTopK(chunk, most, ChosenAmong.QUERY));
              Stream<Pattern> byShare =
                  Stream.of(0.1, 0.25, 0.5)
                      .map(share -> new VideoChunkTopP(chunk, share, ChosenAmong.QUERY));
              return Stream.concat(byCount, byShare);
            });
  }

  /** Of 115,200 tokens it has 300 clusters of queries and 1,000 of keys. */
  static Stream<Pattern> clusters(VideoLayout video) {
    int tokens = video.extents().tokens();
    int queries = Math.ceilDiv(tokens, 384);
    int keys = Math.ceilDiv(tokens, 115);
    var rounds = new ClusterTopP.Rounds(50, 2, false);
    return Stream.of(0.3, 0.5, 0.7, 0.8, 0.9)
        .flatMap(
            coverage ->
                Stream.of(0.0, 0.1)
                    .map(least -> new ClusterTopP(queries, keys, coverage, least, rounds, 0)));
  }

  static Stream<Pattern> radial() {
    return Stream.of(0.2, 0.5, 0.8, 0.95, 1.5)
        .flatMap(
            decay ->
                Stream.of(false, true)
                    .map(first -> new RadialDecay(decay, RadialDecay.BLOCK, first)));
  }
}
