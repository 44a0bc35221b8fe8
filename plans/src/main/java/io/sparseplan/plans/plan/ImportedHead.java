package io.sparseplan.plans.plan;

import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.pattern.Pattern;
import java.util.Optional;

/**
 * What one head runs by a peer's file.
 *
 * @param prefill the pattern for the prompt
 * @param decode the pattern for answer tokens; where empty they run the prefill pattern
 * @param steps of a video model, what the head runs by denoising step; empty where always {@code
 *     prefill}
 * @param why what the file says of the head
 */
public record ImportedHead(
    LayerIndex layer,
    HeadIndex head,
    Pattern prefill,
    Optional<Pattern> decode,
    Optional<StepPatterns> steps,
    String why)
    implements PlannedHead {
  public ImportedHead {
    PlannedHead.requireUsual(new HeadId(layer, head), prefill, steps);
  }

  /** Of a model that has no denoising steps. */
  public ImportedHead(
      LayerIndex layer, HeadIndex head, Pattern prefill, Optional<Pattern> decode, String why) {
    this(layer, head, prefill, decode, Optional.empty(), why);
  }
}
