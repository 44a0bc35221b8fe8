package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.ImportedFrom;

/** A file that says what heads of a video model run, by denoising step where its runtime does. */
public sealed interface VideoFormat extends Format permits StaFormat, NattenFormat {
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
   * @param video that the file is for
   * @param headsOfLayer of the model
   * @throws BadInputException if a field is missing, unknown, out of range or of another video
   */
  VideoHeads read(PeerSource source, VideoLayout video, QueryHeads headsOfLayer);

  /** What the file's own runtime would count, in a sentence. */
  String statistics(VideoHeads heads);

  /**
   * Heads in this format.
   *
   * @throws BadInputException if a head runs what the format cannot say
   */
  Exported write(VideoHeads heads);
}
