package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import java.util.Optional;

/** A file that says what heads of a video model run, by denoising step where its runtime does. */
public sealed interface VideoFormat extends Format
    permits StaFormat, NattenFormat, VmobaFormat, ScriptFormat {
  /** Whether the file looks like one of this format. */
  boolean recognises(PeerSource source);

  /** The block that the runtime lays the tokens of a video out in. */
  Extents block();

  /** What a plan keeps of the file. */
  default ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.LEFT_OUT);
  }

  /** The smallest video that the file can be for; files do not say which theirs is. */
  VideoLayout leastVideo(PeerSource source);

  /**
   * What every head runs.
   *
   * @throws BadInputException if a field is missing, unknown, out of range or of another video
   */
  VideoHeads read(PeerSource source, VideoTarget target);

  /** Whether the file says how many denoising steps there are, or runs the same in all. */
  default boolean saysSteps() {
    return true;
  }

  /** What the file's own runtime would count, in a sentence. */
  String statistics(VideoHeads heads);

  /**
   * Heads in this format.
   *
   * @param kept the file that they were imported from, for what patterns leave out
   * @throws BadInputException if a head runs what the format cannot say
   */
  Exported write(VideoHeads heads, Optional<PeerSource> kept);

  /**
   * A plan in this format.
   *
   * @throws BadInputException if a head runs what the format cannot say
   */
  default Exported write(HeadPlan plan) {
    return write(VideoHeads.of(plan), new HeadGrid(plan, name()).kept());
  }
}
