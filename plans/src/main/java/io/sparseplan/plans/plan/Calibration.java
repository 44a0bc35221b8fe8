package io.sparseplan.plans.plan;

import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.PromptSet;

/**
 * What the losses of a plan were computed from.
 *
 * @param statistic the statistic of the profile that the search minimised: every predicted loss is
 *     in its unit
 */
public record Calibration(PromptSet promptSet, LossStatistic statistic) {}
