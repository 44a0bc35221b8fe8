package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.plan.ImportedFrom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A peer that has no file of its own: its plan is in the {@link ScriptFlags} of its scripts. */
sealed interface ScriptFormat extends VideoFormat permits RadialFormat, SvgFormat {
  String PATTERN = "--pattern";
  String ALL_STEPS = "--num_inference_steps";

  /** A flag that the scripts of no other peer have. */
  String ownFlag();

  @Override
  default String loses() {
    return "the video's shape, and flags that do not concern attention, which are refused";
  }

  @Override
  default Extents block() {
    return VideoLayout.USUAL_BLOCK;
  }

  @Override
  default ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  default boolean recognises(PeerSource source) {
    return new String(source.main(), StandardCharsets.UTF_8).contains(ownFlag());
  }

  @Override
  default VideoLayout leastVideo(PeerSource source) {
    return new VideoLayout(new Extents(8, 16, 16), Tokens.of(0), block());
  }

  @Override
  default String statistics(VideoHeads heads) {
    return SparseLayers.of(heads, name()).text();
  }

  /** How many denoising steps the flags tell; one where they need not and do not. */
  static int steps(ScriptFlags flags, boolean needed) {
    return needed || flags.has(ALL_STEPS)
        ? flags.integer(ALL_STEPS, 1, SparseLayers.MOST_STEPS)
        : 1;
  }

  /**
   * The command line.
   *
   * @param attention the flags that say what layers run
   */
  default Exported exported(String script, SparseLayers layers, List<String> attention) {
    var words = new ArrayList<>(List.of("python", script));
    var losses = new ArrayList<String>();
    if (layers.hasSteps()) {
      words.addAll(List.of(ALL_STEPS, Integer.toString(layers.steps().count())));
    } else {
      losses.add("The plan does not tell denoising steps apart; give the script its number.");
    }
    words.addAll(attention);
    return Exported.text(name() + ".flags", String.join(" ", words) + "\n", losses);
  }
}
