package io.sparseplan.costmodel.natten;

import java.util.List;

/**
 * NATTENSim's bound on the speed-up of neighborhood attention (Generalized Neighborhood Attention,
 * arXiv 2504.16922, appendix B.1).
 *
 * <p>Idea: query tiles run side by side, so the launch takes as long as its worst tile, and a
 * tile's time is its visited key tiles. Tiles of several axes are products of tiles of each, so the
 * worst tile is the product of the worst tile of each axis.
 *
 * @param axes one to three, outermost first
 */
public record NeighborhoodBound(List<AxisTiles> axes, KvTiling tiling) {
  public NeighborhoodBound {
    axes = List.copyOf(axes);
    if (axes.isEmpty()) {
      throw new IllegalArgumentException("The bound needs at least one axis.");
    }
  }

  /** Key tiles that dense attention visits for one query tile. */
  public long denseVisits() {
    return axes.stream().mapToLong(AxisTiles::denseVisits).reduce(1, Math::multiplyExact);
  }

  /** The most key tiles that any query tile visits. */
  public long worstVisits() {
    return axes.stream().mapToLong(axis -> axis.worstVisits(tiling)).reduce(1, Math::multiplyExact);
  }

  /** Dense time ÷ time, at most: dense visits ÷ visits of the worst tile. */
  public double attentionSpeedUp() {
    return (double) denseVisits() / worstVisits();
  }

  /**
   * Of the whole model, when only its attention gets faster: Amdahl's law.
   *
   * @param attentionShare of the dense model's time, 0..1
   */
  public double endToEndSpeedUp(double attentionShare) {
    if (!(attentionShare >= 0 && attentionShare <= 1)) {
      throw new IllegalArgumentException(
          "The attention share (%s) must be in 0..1.".formatted(attentionShare));
    }
    return 1 / (1 - attentionShare + attentionShare / attentionSpeedUp());
  }

  /** Whether no visited tile needs a mask, so that NATTEN masks none of the whole launch. */
  public boolean fullyBlockSparse() {
    return axes.stream().allMatch(AxisTiles::fullyBlockSparse);
  }
}
