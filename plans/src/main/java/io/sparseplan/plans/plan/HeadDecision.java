package io.sparseplan.plans.plan;

import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.pattern.Pattern;
import java.util.Optional;

/**
 * What one head runs.
 *
 * @param prefill the pattern for the prompt
 * @param decode the pattern for answer tokens; where empty they run the prefill pattern
 * @param loss predicted loss of this choice, in the unit of the statistic
 * @param timeShare the head's share of the plan's attention time, 0..1
 * @param why one sentence for the reviewer
 */
public record HeadDecision(
    LayerIndex layer,
    HeadIndex head,
    Pattern prefill,
    Optional<Pattern> decode,
    double loss,
    double timeShare,
    String why)
    implements PlannedHead {}
