package io.sparseplan.costmodel.proxy;

import io.sparseplan.costmodel.PublishedPeaks;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.plans.BadInputException;
import java.util.Arrays;
import java.util.List;

/**
 * What other programs take for the time of a layer: work that grows with it, times a constant. The
 * work has no unit of its own; {@link FittedProxy} finds the constant.
 */
public enum CostProxy {
  /**
   * Query · key pairs in visited tiles: dense work times density. What Sparse-vDiT and MInference
   * count, and MoA's {@code NaiveHardware}.
   */
  DENSITY("density") {
    @Override
    public double work(LaunchRow row) {
      return pairsOfTiles(row, row.tiles());
    }
  },

  /**
   * The longer of computing and moving data, both at published peaks (Williams, Waterman and
   * Patterson, CACM 52, 2009): two matrix products over visited tiles, and Q, K, V and O once each,
   * in bf16.
   */
  FLOPS_ROOFLINE("flops-roofline") {
    @Override
    public double work(LaunchRow row) {
      PublishedPeaks peaks =
          PublishedPeaks.of(row.gpuName())
              .orElseThrow(
                  () ->
                      new BadInputException(
                          "The row in line %d is of the GPU %s, whose peaks are not known."
                              .formatted(row.line(), row.gpuName()),
                          "choose another model than flops-roofline."));
      Launch launch = row.launch();
      double headDim = launch.attention().headDim().count();
      double flops = 2 * 2 * headDim * pairsOfTiles(row, row.tiles());
      double vectors =
          2.0 * launch.attention().queryHeads().count() * queries(launch)
              + 2.0 * launch.attention().kvHeads().count() * launch.length().count();
      double bytes = launch.batch() * vectors * headDim * BYTES_OF_BF16;
      return Math.max(
          flops / (1e12 * peaks.denseBf16Teraflops()),
          bytes / (1e9 * peaks.memoryGigabytesPerSecond()));
    }
  },

  /**
   * Queries times the longest row's keys, summed over heads: MoA's {@code NaiveKVHardware}, which
   * takes the largest row of a head's layout for its density (github.com/thu-nics/MoA). As it
   * compares plans of one length it counts keys alone; the factor of the queries makes lengths
   * comparable. Causal rows count as much as full ones, so the constant of either differs.
   */
  MAX_ROW_DENSITY("max-row-density") {
    @Override
    public double work(LaunchRow row) {
      long tiles = 0;
      for (int[] head : row.visitedTiles()) {
        tiles += (long) head.length * worst(List.of(head));
      }
      return pairsOfTiles(row, tiles);
    }
  },

  /**
   * As if every query tile of the launch visited as many key tiles as the worst one: NATTENSim's
   * bound (Generalized Neighborhood Attention, arXiv 2504.16922, appendix B.1).
   */
  WORST_TILE("worst-tile") {
    @Override
    public double work(LaunchRow row) {
      long blocks = row.visitedTiles().stream().mapToLong(head -> head.length).sum();
      return pairsOfTiles(row, blocks * worst(row.visitedTiles()));
    }
  };

  private static final int BYTES_OF_BF16 = 2;

  private final String label;

  CostProxy(String label) {
    this.label = label;
  }

  /** The work of the launch, positive; launches of equal work are said to take equally long. */
  public abstract double work(LaunchRow row);

  /** The name on the command line. */
  @Override
  public String toString() {
    return label;
  }

  /** Query · key pairs in that many tiles of each prompt. */
  private static double pairsOfTiles(LaunchRow row, long tiles) {
    Launch launch = row.launch();
    double keys = launch.tile().tokens();
    double queriesOfTile =
        switch (launch.phase()) {
          case PREFILL -> keys;
          case DECODE -> 1;
        };
    return launch.batch() * tiles * keys * queriesOfTile;
  }

  private static double queries(Launch launch) {
    return switch (launch.phase()) {
      case PREFILL -> launch.length().count();
      case DECODE -> 1;
    };
  }

  private static long worst(List<int[]> heads) {
    return heads.stream().flatMapToInt(Arrays::stream).max().orElseThrow();
  }
}
