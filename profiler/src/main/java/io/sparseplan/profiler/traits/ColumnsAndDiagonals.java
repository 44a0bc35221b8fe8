package io.sparseplan.profiler.traits;

import static io.sparseplan.plans.profile.VerticalSlashShape.BLOCK_TOKENS;
import static io.sparseplan.plans.profile.VerticalSlashShape.LAST_QUERIES;
import static io.sparseplan.plans.profile.VerticalSlashShape.MASS_SHARE;
import static io.sparseplan.profiler.kernel.MicroKernel.LANES;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.LineScores;
import io.sparseplan.plans.profile.VerticalSlashShape;
import io.sparseplan.profiler.attention.QueryPanel;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums the weights of the last queries by column and by diagonal, finds the fewest of each that
 * hold most of the weight, and what the diagonals would cost merged into ranges of blocks.
 *
 * <p>Where nobody else takes these sums, weights come from the log-sum-exp of the forward pass: one
 * pass over the keys of 64 rows, two arrays of one number a token.
 */
final class ColumnsAndDiagonals {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final TileGrid grid;
  private final QueryPanel panel;
  private final float[] logSumExp = new float[WIDTH];
  private final double[] columns;
  private final double[] diagonals;

  ColumnsAndDiagonals(TileGrid grid, QueryPanel panel) {
    this.grid = grid;
    this.panel = panel;
    columns = new double[grid.length().count()];
    diagonals = new double[columns.length];
  }

  VerticalSlashShape of(LayerAttention layer, int head) {
    layer.sums().lines(head).ifPresentOrElse(this::copy, () -> addLastRows(layer, head));
    int[] slashes = heaviest(diagonals);
    return new VerticalSlashShape(
        heaviest(columns).length, slashes.length, (float) meanBlocks(slashes, columns.length));
  }

  private void copy(LineScores taken) {
    Arrays.setAll(columns, key -> taken.columns()[key]);
    Arrays.setAll(diagonals, distance -> taken.diagonals()[distance]);
  }

  private void addLastRows(LayerAttention layer, int head) {
    Arrays.fill(columns, 0);
    Arrays.fill(diagonals, 0);
    int first = Math.max(0, columns.length - LAST_QUERIES);
    int tile = grid.tile().tokens();
    for (int from = first; from < columns.length; ) {
      int end = Math.min(Math.min(from + WIDTH, columns.length), (from / tile + 1) * tile);
      addRows(layer, head, from, end);
      from = end;
    }
  }

  private void addRows(LayerAttention layer, int head, int from, int end) {
    int[] rows = new int[end - from];
    Arrays.setAll(rows, row -> from + row);
    panel.load(layer.q(), layer.rotary(), head, rows, 0, rows.length);
    Activations ofRows = layer.output().logSumExp();
    for (int lane = 0; lane < WIDTH; lane++) {
      logSumExp[lane] = ofRows.data()[ofRows.at(panel.token(lane)) + head];
    }
    int queryTile = from / grid.tile().tokens();
    for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
      int keys = panel.score(keyTile);
      for (int half = 0; half < WIDTH; half += LANES) {
        toWeights(keys, half);
      }
      int firstKey = grid.firstToken(keyTile);
      for (int key = firstKey; key < firstKey + keys; key++) {
        for (int query = Math.max(from, key); query < end; query++) {
          float weight = panel.scores()[(key - firstKey) * WIDTH + query - from];
          columns[key] += weight;
          diagonals[query - key] += weight;
        }
      }
    }
  }

  private void toWeights(int keys, int half) {
    FloatVector normaliser = FloatVector.fromArray(SPECIES, logSumExp, half);
    for (int at = half; at < keys * WIDTH; at += WIDTH) {
      FloatVector score = FloatVector.fromArray(SPECIES, panel.scores(), at);
      Exp2.of(score.sub(normaliser)).intoArray(panel.scores(), at);
    }
  }

  /** The fewest places that hold the share of the sum, ascending; of equals the first. */
  private static int[] heaviest(double[] sums) {
    double[] ascending = sums.clone();
    Arrays.sort(ascending);
    double wanted = MASS_SHARE * Arrays.stream(ascending).sum();
    int count = 0;
    for (double held = 0; held < wanted && count < sums.length; count++) {
      held += ascending[sums.length - 1 - count];
    }
    double least = ascending[sums.length - count];
    int equals = 0;
    for (int nth = sums.length - count; nth < sums.length && ascending[nth] == least; nth++) {
      equals++;
    }
    int[] places = new int[count];
    int found = 0;
    for (int place = 0; place < sums.length; place++) {
      if (sums[place] > least || (sums[place] == least && equals-- > 0)) {
        places[found++] = place;
      }
    }
    return places;
  }

  /**
   * Blocks of keys a block of queries, mean over all blocks of queries. As MInference's index
   * builder does, a slash at distance d takes the 64 keys that end where the block's end is, d
   * before it, and a range grows by whole blocks while the next slash ends within one block of it.
   *
   * @param distances ascending
   */
  static double meanBlocks(int[] distances, int tokens) {
    long blocks = 0;
    int queryBlocks = Math.ceilDiv(tokens, BLOCK_TOKENS);
    for (int queryBlock = 0; queryBlock < queryBlocks; queryBlock++) {
      int end = (queryBlock + 1) * BLOCK_TOKENS;
      int rangeEnd = 0;
      for (int nth = distances.length - 1; nth >= 0; nth--) {
        if (distances[nth] < end) {
          int slashEnd = Math.max(end - distances[nth], BLOCK_TOKENS);
          if (rangeEnd == 0 || slashEnd > rangeEnd + BLOCK_TOKENS) {
            rangeEnd = slashEnd;
            blocks++;
          } else if (slashEnd > rangeEnd) {
            rangeEnd += BLOCK_TOKENS;
            blocks++;
          }
        }
      }
    }
    return (double) blocks / queryBlocks;
  }
}
