package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.pattern.SlidingTile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Sliding Tile Attention's mask strategy: see {@link StaStrategy}. */
final class StaFormat implements VideoFormat {
  @Override
  public String name() {
    return "sta";
  }

  @Override
  public String system() {
    return "Sliding Tile Attention (FastVideo)";
  }

  @Override
  public String file() {
    return "JSON {\"step_layer_head\": [frames, height, width] in tiles of 6x8x8}";
  }

  @Override
  public String loses() {
    return "the video's shape, which the file does not say";
  }

  @Override
  public Extents block() {
    return SlidingTile.STA_TILE;
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".json") && source.json().has("0_0_0");
  }

  /** The largest window on each axis is all of it. */
  @Override
  public VideoLayout leastVideo(PeerSource source) {
    Extents extents = StaStrategy.leastVideo(Path.of(source.path()), source.main());
    return new VideoLayout(extents, Tokens.of(0), SlidingTile.STA_TILE);
  }

  @Override
  public VideoHeads read(PeerSource source, VideoTarget target) {
    return StaStrategy.read(Path.of(source.path()), source.main(), target.video());
  }

  @Override
  public String statistics(VideoHeads heads) {
    return "%d steps × %d layers × %d heads; %s"
        .formatted(
            heads.stepCount(),
            heads.layers(),
            heads.headsOfLayer().count(),
            StaStatistics.of(heads).text());
  }

  @Override
  public Exported write(VideoHeads heads, Optional<PeerSource> kept) {
    return Exported.text("mask_strategy.json", StaStrategy.write(heads), List.of());
  }
}
