package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.AnchorThreshold;
import io.sparseplan.plans.pattern.BlockThreshold;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.ChunkScores;
import io.sparseplan.plans.pattern.ChunkTopK;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.DeclaredPattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.LineScores;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PooledScores;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.TokenMask;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.pattern.VideoChunks;
import java.util.BitSet;

/** What a pattern keeps of one head, its scores written from their definitions, in double. */
public final class NaiveSelection {
  private final NaiveAttention attention;
  private final TileGrid grid;
  private final int head;

  public NaiveSelection(NaiveAttention attention, TileGrid grid, int head) {
    this.attention = attention;
    this.grid = grid;
    this.head = head;
  }

  /** The keys that each query attends to. */
  public BitSet[] keys(Pattern pattern) {
    var keys = new BitSet[grid.length().count()];
    for (int query = 0; query < keys.length; query++) {
      keys[query] =
          switch (pattern) {
            case FixedPattern fixed -> new TokenMask(fixed, grid).visibleKeys(query);
            case SelectedPattern selected -> keys(lists(selected), query);
            case DeclaredPattern declared -> throw declared.refusal("run");
          };
    }
    return keys;
  }

  /** The tiles that a rule picks. */
  public TileLists lists(SelectedPattern pattern) {
    return switch (pattern) {
      case VerticalSlash rule -> rule.select(lines());
      case BlockTopK rule -> rule.select(pooled());
      case BlockTopP rule -> rule.select(pooled());
      case BlockThreshold rule -> rule.select(pooled());
      case AnchorThreshold rule -> rule.select(pooled());
      case ChunkTopK rule -> rule.select(pooled());
      case CoveringVerticalSlash rule -> rule.select(lines());
      case VideoChunkTopK rule -> rule.select(chunks(rule.chunk()));
      case VideoChunkTopP rule -> rule.select(chunks(rule.chunk()));
    };
  }

  private BitSet keys(TileLists lists, int query) {
    var keys = new BitSet();
    int visible = grid.visibility() == Visibility.CAUSAL ? query + 1 : grid.length().count();
    for (int key = 0; key < visible; key++) {
      keys.set(key, lists.visits(query / grid.tile().tokens(), key / grid.tile().tokens()));
    }
    return keys;
  }

  private LineScores lines() {
    int tokens = grid.length().count();
    float[] columns = new float[tokens];
    float[] diagonals = new float[tokens];
    for (int query = Math.max(0, tokens - 64); query < tokens; query++) {
      double[] weights = attention.weights(head, query, new Dense(), grid);
      for (int key = 0; key <= query; key++) {
        columns[key] += (float) weights[key];
        diagonals[query - key] += (float) weights[key];
      }
    }
    return new LineScores(grid, columns, diagonals);
  }

  /** The mean score of all pairs, scaled back to a product, is that of the means. */
  private ChunkScores chunks(Extents size) {
    var chunks = new VideoChunks(grid, size);
    double[][] rows = new double[grid.tiles()][chunks.count()];
    int videoTokens = grid.video().orElseThrow().extents().tokens();
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      int[] pairs = new int[chunks.count()];
      for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
        for (int key = 0; key < videoTokens; key++) {
          pairs[chunks.of(key)]++;
          rows[queryTile][chunks.of(key)] += attention.score(head, query, key);
        }
      }
      for (int chunk = 0; chunk < pairs.length; chunk++) {
        rows[queryTile][chunk] *= Math.sqrt(attention.headDim()) / pairs[chunk];
      }
    }
    return new ChunkScores(chunks, rows);
  }

  private PooledScores pooled() {
    float[][] rows = new float[grid.tiles()][];
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      double[] weights = new double[grid.lastVisibleKeyTile(queryTile) + 1];
      double sum = 0;
      for (int keyTile = 0; keyTile < weights.length; keyTile++) {
        // The mean score of all pairs is the score of the means.
        double score = 0;
        for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
          for (int key = grid.firstToken(keyTile); key < grid.endToken(keyTile); key++) {
            score += attention.score(head, query, key);
          }
        }
        int pairs =
            (grid.endToken(queryTile) - grid.firstToken(queryTile))
                * (grid.endToken(keyTile) - grid.firstToken(keyTile));
        weights[keyTile] = Math.exp(score / pairs);
        sum += weights[keyTile];
      }
      rows[queryTile] = new float[weights.length];
      for (int keyTile = 0; keyTile < weights.length; keyTile++) {
        rows[queryTile][keyTile] = (float) (weights[keyTile] / sum);
      }
    }
    return new PooledScores(grid, rows);
  }
}
