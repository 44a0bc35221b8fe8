package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Visibility;

/**
 * A rule and a budget: the runtime scores the keys of each head on the prompt at hand and the rule
 * picks tiles by the scores, so that geometry alone does not tell what is visited. Each rule is a
 * pure function from {@link LineScores}, {@link PooledScores}, {@link SimilarityScores}, {@link
 * ChunkScores}, {@link RunningGaps} or {@link HeadVectors} to tile lists; those of a {@link
 * PermutedPattern} are lists of another order of the tokens.
 */
public sealed interface SelectedPattern extends Pattern
    permits VerticalSlash,
        CoveringVerticalSlash,
        BlockTopK,
        BlockTopP,
        BlockThreshold,
        AnchorThreshold,
        ChunkTopK,
        VideoChunkTopK,
        VideoChunkTopP,
        AntidiagonalTopP,
        SimilarityTopP,
        HierarchicalTopK,
        SkipSoftmax,
        SampledBand,
        PermutedPattern {
  /** Rules for prompts look back from their end. */
  @Override
  default boolean fits(TokenLayout layout) {
    return layout.visibility() == Visibility.CAUSAL;
  }
}
