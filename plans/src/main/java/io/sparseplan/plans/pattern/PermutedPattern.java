package io.sparseplan.plans.pattern;

/**
 * A rule that lays the tokens of a head out anew, so that those which attend to each other come
 * together, and then visits few tiles of the new order. Tiles of the given order do not hold that:
 * a few tokens of each would need nearly all of them. {@link PermutedTiles} are what it reads.
 */
public sealed interface PermutedPattern extends SelectedPattern permits ClusterTopP, HashBuckets {}
