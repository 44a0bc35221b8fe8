package io.sparseplan.plans.plan;

import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.pattern.Pattern;
import java.util.Optional;

/**
 * What one head runs by a peer's file.
 *
 * @param prefill the pattern for the prompt
 * @param decode the pattern for answer tokens; where empty they run the prefill pattern
 * @param why what the file says of the head
 */
public record ImportedHead(
    LayerIndex layer, HeadIndex head, Pattern prefill, Optional<Pattern> decode, String why)
    implements PlannedHead {}
