package io.sparseplan.plans.plan;

import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.pattern.Pattern;

/**
 * What a head runs in a run of denoising steps.
 *
 * @param steps from 0, the noisiest
 */
public record StepRange(Span steps, Pattern pattern) {}
