package io.sparseplan.search.problem;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import java.util.List;
import java.util.stream.IntStream;

/** The prices of the cost model, with its work and densities looked up once. */
public final class AttentionPrices implements LayerPrices {
  private final AttentionPricer pricer;
  private final double[][] work;
  private final double[][] density;
  private final double[] denseMicros;
  private final boolean[][] neverSlower;

  /** The layout, workload and candidates are those of the pricer. */
  public AttentionPrices(
      AttentionPricer pricer, Layout layout, Workload workload, List<Pattern> patterns) {
    this.pricer = pricer;
    int lengths = workload.lengths().size();
    int candidates = patterns.size();
    work = new double[lengths][candidates];
    density = new double[lengths][candidates];
    denseMicros = new double[lengths];
    neverSlower = neverSlower(layout, workload, patterns);
    for (int n = 0; n < lengths; n++) {
      denseMicros[n] = pricer.denseLayer(n).getFirst().millis() * 1000;
      for (int candidate = 0; candidate < candidates; candidate++) {
        work[n][candidate] = pricer.headWorkMicros(n, candidate);
        density[n][candidate] = pricer.density(n, candidate);
      }
    }
  }

  /** A block takes the longer, the more tiles it visits. */
  private static boolean[][] neverSlower(Layout layout, Workload workload, List<Pattern> patterns) {
    int[][] visited =
        patterns.stream()
            .map(
                pattern ->
                    workload.lengths().stream()
                        .map(at -> new TileGrid(at.length(), layout.tile(), layout.visibility()))
                        .flatMapToInt(
                            grid ->
                                IntStream.range(0, grid.tiles())
                                    .map(tile -> pattern.keyTiles(grid, tile).length))
                        .toArray())
            .toArray(int[][]::new);
    boolean[][] never = new boolean[visited.length][visited.length];
    for (int a = 0; a < never.length; a++) {
      int[] tiles = visited[a];
      for (int b = 0; b < never.length; b++) {
        int[] others = visited[b];
        never[a][b] = IntStream.range(0, tiles.length).allMatch(i -> tiles[i] <= others[i]);
      }
    }
    return never;
  }

  @Override
  public int lengths() {
    return work.length;
  }

  @Override
  public int candidates() {
    return work[0].length;
  }

  @Override
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    return pricer.layerMicros(lengthIndex, candidateOfHead);
  }

  @Override
  public double denseLayerMicros(int lengthIndex) {
    return denseMicros[lengthIndex];
  }

  @Override
  public double headWorkMicros(int lengthIndex, int candidate) {
    return work[lengthIndex][candidate];
  }

  @Override
  public double launchMicros() {
    return pricer.launchMicros();
  }

  @Override
  public double density(int lengthIndex, int candidate) {
    return density[lengthIndex][candidate];
  }

  @Override
  public boolean neverSlower(int candidate, int other) {
    return neverSlower[candidate][other];
  }
}
