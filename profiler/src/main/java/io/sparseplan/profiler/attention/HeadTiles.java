package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileLists;

/** The tiles that one head of one layer visits: what its {@link HeadPatterns} come to. */
public record HeadTiles(TileLists prefill, TileLists decode) {}
