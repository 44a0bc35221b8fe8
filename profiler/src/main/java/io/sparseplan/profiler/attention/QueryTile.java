package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Queries of one tile as panels that take key tiles in step, so that a key tile is read from memory
 * once for all of them. Scratch of one worker.
 */
final class QueryTile {
  private final TileGrid grid;
  private final QueryPanel[] panels;
  private final int[] tokens;
  private int panelsUsed;

  QueryTile(PackedKeyValues keyValues) {
    grid = keyValues.grid();
    float[] scores = QueryPanel.scoresScratch(keyValues);
    panels = new QueryPanel[Math.ceilDiv(grid.tile().tokens(), WIDTH)];
    Arrays.setAll(panels, nth -> new QueryPanel(keyValues, scores));
    tokens = new int[grid.tile().tokens()];
  }

  /** Starts over with those queries of the tile that the predicate takes, perhaps none. */
  void load(Activations q, RotaryTable rotary, int head, int queryTile, IntPredicate takes) {
    int count = 0;
    for (int token = grid.firstToken(queryTile); token < grid.endToken(queryTile); token++) {
      if (takes.test(token)) {
        tokens[count++] = token;
      }
    }
    panelsUsed = Math.ceilDiv(count, WIDTH);
    for (int panel = 0; panel < panelsUsed; panel++) {
      int from = panel * WIDTH;
      int to = Math.min(from + WIDTH, count);
      panels[panel].load(q, rotary, head, tokens, from, to);
    }
  }

  void absorb(int keyTile) {
    for (int panel = 0; panel < panelsUsed; panel++) {
      panels[panel].absorb(keyTile);
    }
  }

  void store(AttentionOutput output) {
    for (int panel = 0; panel < panelsUsed; panel++) {
      panels[panel].store(output);
    }
  }
}
