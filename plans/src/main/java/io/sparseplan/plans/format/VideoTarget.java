package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Optional;

/**
 * What a file of a video runtime is read for, as most files do not say it.
 *
 * @param video that the file is for
 * @param layers of the model
 * @param headsOfLayer of the model
 * @param steps how often it denoises, where the user says so
 */
public record VideoTarget(
    VideoLayout video, LayerCount layers, QueryHeads headsOfLayer, Optional<Integer> steps) {}
