package io.sparseplan.plans.refinement;

import io.sparseplan.plans.geometry.Tokens;

/**
 * What a plan loses on one prompt, and what it would lose with one head changed.
 *
 * @param divergence KL(dense ‖ plan), nats a token
 * @param changes changes[head][candidate]: by how much the divergence grows, to second order, if
 *     that head alone runs that candidate; 0 for its own
 */
public record PromptChanges(Tokens length, double divergence, double[][] changes) {}
