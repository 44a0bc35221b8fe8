package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.pattern.Dense;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The windows that Cosmos-Predict2 gives to NATTEN: see {@link NattenLayers}. */
final class NattenFormat implements VideoFormat {
  /** Its window, and no field whose name goes on, as SnapKV's does. */
  private static final Pattern FIELD = Pattern.compile("\\b" + NattenLayers.WINDOW + "\\b");

  @Override
  public String name() {
    return "natten";
  }

  @Override
  public String system() {
    return "NATTEN (Cosmos-Predict2)";
  }

  @Override
  public String file() {
    return "JSON list by layer of null or {window_size, stride, dilation, is_causal, base_size}";
  }

  @Override
  public String loses() {
    return "the stride of a window of a whole axis, where it changes nothing";
  }

  @Override
  public Extents block() {
    return VideoLayout.USUAL_BLOCK;
  }

  @Override
  public boolean recognises(PeerSource source) {
    return FIELD.matcher(new String(source.main(), StandardCharsets.UTF_8)).find();
  }

  @Override
  public VideoLayout leastVideo(PeerSource source) {
    Extents extents = NattenLayers.leastVideo(Path.of(source.path()), source.main());
    return new VideoLayout(extents, Tokens.of(0), new Extents(1, 1, 1));
  }

  @Override
  public VideoHeads read(PeerSource source, VideoTarget target) {
    return NattenLayers.read(
        Path.of(source.path()), source.main(), target.video(), target.headsOfLayer());
  }

  @Override
  public String statistics(VideoHeads heads) {
    long dense =
        heads.wholeLayers(name()).stream()
            .filter(layer -> layer.usual().equals(new Dense()))
            .count();
    return "%d layers, %d of them dense".formatted(heads.layers(), dense);
  }

  @Override
  public Exported write(VideoHeads heads, Optional<PeerSource> kept) {
    return Exported.text("natten_parameters.json", NattenLayers.write(heads), List.of());
  }
}
