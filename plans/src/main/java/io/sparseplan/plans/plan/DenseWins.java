package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Optional;

/**
 * Where running the model dense is faster than running the plan, all layers together, against the
 * fastest dense kernel that is known.
 *
 * @param below at shorter lengths dense is faster, from this one on the plan; empty where dense is
 *     faster at the longest length that was tried
 * @param triedTo the longest length that was tried
 */
public record DenseWins(
    @JsonProperty("belowTokens") Optional<Tokens> below,
    @JsonProperty("triedToTokens") Tokens triedTo) {}
