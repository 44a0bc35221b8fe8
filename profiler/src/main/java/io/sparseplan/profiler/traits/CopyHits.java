package io.sparseplan.profiler.traits;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.attention.QueryPanel;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import io.sparseplan.profiler.prompt.CopyTarget;
import java.util.Arrays;
import java.util.List;

/**
 * Counts the copy targets at which a head looks at what it should copy: the key with the most
 * weight, the first of them, is one of the target's (Wu et al., arXiv 2404.15574, §2.1). Only the
 * targets' rows are scored.
 */
final class CopyHits {
  private final TileGrid grid;
  private final List<CopyTarget> targets;
  private final QueryPanel panel;
  private final float[] highest = new float[WIDTH];
  private final int[] keyOfHighest = new int[WIDTH];

  CopyHits(TileGrid grid, List<CopyTarget> targets, QueryPanel panel) {
    this.grid = grid;
    this.targets = targets;
    this.panel = panel;
  }

  int of(LayerAttention layer, int head) {
    int hits = 0;
    int from = 0;
    while (from < targets.size()) {
      int end = from + 1;
      while (end < targets.size() && end - from < WIDTH && tileOf(end) == tileOf(from)) {
        end++;
      }
      int[] rows = targets.subList(from, end).stream().mapToInt(CopyTarget::row).toArray();
      panel.load(layer.q(), layer.rotary(), head, rows, 0, rows.length);
      findHighest(tileOf(from));
      for (int lane = 0; lane < rows.length; lane++) {
        boolean hit = Arrays.binarySearch(targets.get(from + lane).keys(), keyOfHighest[lane]) >= 0;
        hits += hit ? 1 : 0;
      }
      from = end;
    }
    return hits;
  }

  private int tileOf(int target) {
    return targets.get(target).row() / grid.tile().tokens();
  }

  private void findHighest(int queryTile) {
    Arrays.fill(highest, Float.NEGATIVE_INFINITY);
    for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
      int keys = panel.score(keyTile);
      for (int key = 0; key < keys; key++) {
        for (int lane = 0; lane < WIDTH; lane++) {
          float score = panel.scores()[key * WIDTH + lane];
          if (score > highest[lane]) {
            highest[lane] = score;
            keyOfHighest[lane] = grid.firstToken(keyTile) + key;
          }
        }
      }
    }
  }
}
