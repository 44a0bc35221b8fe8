package io.sparseplan.profiler.attention;

/**
 * Sums over the softmax weights A of one head, block by block; a block is a (query tile, key tile).
 *
 * @param mass Σ A, {@code [query tile][visible key tile]}
 * @param influence MoA's influence (arXiv 2406.14909, §4.1.1), likewise: Σ |E| with E = −A·(g − Σ_j
 *     g_j·A_j) ÷ (1 − A) and g = ∂L/∂A, the first-order change of L when an entry alone is dropped
 *     and its row re-normalised. The first row, which has one entry, counts as 0
 * @param entropyBits Σ over rows of −Σ_j A_j·log₂ A_j
 */
public record AttentionBlocks(double[][] mass, double[][] influence, double entropyBits) {}
