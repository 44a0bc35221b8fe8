package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.RunningGaps;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import java.util.Arrays;

/**
 * How far the scores of each key tile stay below the highest so far: one product of all queries and
 * keys of a head, key tiles in ascending order, of which only maxima are kept. Key tiles beyond the
 * layer's reach have no scores. Scratch of one worker.
 */
final class GapPass {
  private final PackedKeyValues keyValues;
  private final RotaryTable rotary;
  private final QueryPanel panel;
  private final int[] queries = new int[WIDTH];
  private final float[] running = new float[WIDTH];

  GapPass(PackedKeyValues keyValues, RotaryTable rotary) {
    this.keyValues = keyValues;
    this.rotary = rotary;
    this.panel = new QueryPanel(keyValues, QueryPanel.scoresScratch(keyValues));
  }

  /**
   * @param q query projections before rotation, {@code [token][head · headDim]}
   */
  RunningGaps of(Activations q, int head) {
    TileGrid grid = keyValues.grid();
    double[][] rows = new double[grid.tiles()][];
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      rows[queryTile] = new double[grid.lastVisibleKeyTile(queryTile) + 1];
      Arrays.fill(rows[queryTile], Double.NEGATIVE_INFINITY);
      int end;
      for (int from = grid.firstToken(queryTile); from < grid.endToken(queryTile); from = end) {
        end = Math.min(from + WIDTH, grid.endToken(queryTile));
        for (int query = from; query < end; query++) {
          queries[query - from] = query;
        }
        panel.load(q, rotary, head, queries, 0, end - from);
        raise(queryTile, rows[queryTile]);
      }
    }
    return new RunningGaps(grid, rows);
  }

  /** Raises the gaps of a query tile to those of the panel's queries. */
  private void raise(int queryTile, double[] gapOfKeyTile) {
    Arrays.fill(running, Float.NEGATIVE_INFINITY);
    for (int keyTile = 0; keyTile < gapOfKeyTile.length; keyTile++) {
      if (keyValues.hides(keyTile, queryTile)) {
        continue;
      }
      int keys = panel.score(keyTile);
      for (int lane = 0; lane < panel.lanesUsed(); lane++) {
        float max = QueryPanel.LEAST;
        for (int at = lane; at < keys * WIDTH; at += WIDTH) {
          max = Math.max(max, panel.scores()[at]);
        }
        if (max > QueryPanel.LEAST) {
          running[lane] = Math.max(running[lane], max);
          double gap = (max - running[lane]) / (double) Exp2.LOG2_E;
          gapOfKeyTile[keyTile] = Math.max(gapOfKeyTile[keyTile], gap);
        }
      }
    }
  }
}
