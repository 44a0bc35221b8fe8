package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.AnchorThreshold;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.BlockThreshold;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.ChunkScores;
import io.sparseplan.plans.pattern.ChunkTopK;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.HeadVectors;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.LineScores;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.plans.pattern.PermutedTiles;
import io.sparseplan.plans.pattern.PooledScores;
import io.sparseplan.plans.pattern.RunningGaps;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.SimilarityScores;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.pattern.TokenMask;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.pattern.VideoChunks;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

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
    IntFunction<BitSet> keysOf =
        switch (pattern) {
          case FixedPattern fixed -> new TokenMask(fixed, grid)::visibleKeys;
          case PermutedPattern permuted -> {
            PermutedTiles tiles = permuted(permuted);
            yield query -> keys(tiles, query);
          }
          case SelectedPattern selected -> {
            TileLists lists = lists(selected);
            yield query -> keys(lists, query);
          }
          case DecodePattern decode -> throw decode.refusal("laid out in tiles");
        };
    var keys = new BitSet[grid.length().count()];
    Arrays.setAll(keys, keysOf);
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
      case AntidiagonalTopP rule -> rule.select(antidiagonal(rule.stride()));
      case SimilarityTopP rule -> rule.select(similarity());
      case SkipSoftmax rule -> rule.select(gaps());
      case HierarchicalTopK rule -> rule.select(vectors());
      case SampledBand rule -> rule.select(vectors());
      case VideoChunkTopK rule -> rule.select(chunks(rule.chunk()));
      case VideoChunkTopP rule -> rule.select(chunks(rule.chunk()));
      case PermutedPattern rule -> throw new IllegalArgumentException(rule.label());
    };
  }

  /** The tiles that a rule picks of another order. */
  public PermutedTiles permuted(PermutedPattern pattern) {
    HeadVectors head = vectors();
    return switch (pattern) {
      case ClusterTopP rule -> rule.permute(grid, rule.clusters(head));
      case HashBuckets rule -> rule.permute(head);
    };
  }

  /** How many tiles each query tile visits. */
  public int[] visited(SelectedPattern pattern) {
    if (pattern instanceof PermutedPattern permuted) {
      return permuted(permuted).visited();
    }
    TileLists lists = lists(pattern);
    return IntStream.range(0, grid.tiles()).map(lists::count).toArray();
  }

  private BitSet keys(PermutedTiles tiles, int query) {
    var keys = new BitSet();
    for (PermutedTiles.Read read : tiles.reads()) {
      if (Arrays.stream(read.queries()).anyMatch(each -> each == query)) {
        read.keyTiles().stream()
            .flatMapToInt(Arrays::stream)
            .filter(key -> grid.visibility() == Visibility.BIDIRECTIONAL || key <= query)
            .forEach(keys::set);
      }
    }
    return keys;
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

  private PooledScores antidiagonal(int stride) {
    double[][] estimate = antidiagonals(attention, grid, head, stride);
    float[][] rows = new float[estimate.length][];
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      double all = Arrays.stream(estimate[queryTile]).sum();
      rows[queryTile] = new float[queryTile + 1];
      for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
        rows[queryTile][keyTile] = (float) (estimate[queryTile][keyTile] / all);
      }
    }
    return new PooledScores(grid, rows);
  }

  /** Group scores from single scores: the antidiagonal of each S × S square. */
  public static double[][] antidiagonals(
      NaiveAttention naive, TileGrid grid, int head, int stride) {
    int tokens = grid.length().count();
    int tile = grid.tile().tokens();
    int groups = (tokens + stride - 1) / stride;
    double[][] estimate = new double[grid.tiles()][grid.tiles()];
    for (int a = 0; a < groups; a++) {
      double[] exponentials = new double[a + 1];
      for (int b = 0; b <= a; b++) {
        double score = 0;
        for (int t = 0; t < stride; t++) {
          int query = a * stride + stride - 1 - t;
          int key = b * stride + t;
          if (query < tokens && key < tokens) {
            score += naive.score(head, query, key);
          }
        }
        exponentials[b] = Math.exp(score / stride);
      }
      double sum = Arrays.stream(exponentials).sum();
      for (int b = 0; b <= a; b++) {
        estimate[a * stride / tile][b * stride / tile] += exponentials[b] / sum;
      }
    }
    return estimate;
  }

  private SimilarityScores similarity() {
    int tokens = grid.length().count();
    double[][] keys = new double[tokens][];
    double[][] queries = new double[tokens][];
    double[] mean = new double[attention.headDim()];
    for (int token = 0; token < tokens; token++) {
      queries[token] = attention.query(head, token);
      keys[token] = attention.key(head, token).clone();
      for (int d = 0; d < mean.length; d++) {
        mean[d] += keys[token][d] / tokens;
      }
    }
    for (double[] key : keys) {
      for (int d = 0; d < mean.length; d++) {
        key[d] -= mean[d];
      }
    }
    double[][] logits = new double[grid.tiles()][];
    double[] ofQueries = new double[grid.tiles()];
    double[] ofKeys = new double[grid.tiles()];
    for (int queryTile = 0; queryTile < logits.length; queryTile++) {
      logits[queryTile] = new double[grid.lastVisibleKeyTile(queryTile) + 1];
      for (int keyTile = 0; keyTile < logits[queryTile].length; keyTile++) {
        logits[queryTile][keyTile] = meanScore(queryTile, keyTile);
      }
      ofQueries[queryTile] = meanCosine(queries, queryTile);
      ofKeys[queryTile] = meanCosine(keys, queryTile);
    }
    return new SimilarityScores(grid, logits, ofQueries, ofKeys);
  }

  /** Row by row and tile by tile, as a kernel would go. */
  private RunningGaps gaps() {
    double[][] rows = new double[grid.tiles()][];
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      rows[queryTile] = new double[grid.lastVisibleKeyTile(queryTile) + 1];
      Arrays.fill(rows[queryTile], Double.NEGATIVE_INFINITY);
      for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
        double running = Double.NEGATIVE_INFINITY;
        for (int keyTile = 0; keyTile < rows[queryTile].length; keyTile++) {
          double max = Double.NEGATIVE_INFINITY;
          for (int key = grid.firstToken(keyTile); key < grid.endToken(keyTile); key++) {
            boolean seen = grid.visibility() == Visibility.BIDIRECTIONAL || key <= query;
            max = seen ? Math.max(max, attention.score(head, query, key)) : max;
          }
          running = Math.max(running, max);
          if (max > Double.NEGATIVE_INFINITY) {
            rows[queryTile][keyTile] = Math.max(rows[queryTile][keyTile], max - running);
          }
        }
      }
    }
    return new RunningGaps(grid, rows);
  }

  private HeadVectors vectors() {
    int tokens = grid.length().count();
    float[][] queries = new float[tokens][];
    float[][] keys = new float[tokens][];
    float[][] values = new float[tokens][];
    for (int token = 0; token < tokens; token++) {
      double[] only = new double[tokens];
      only[token] = 1;
      queries[token] = floats(attention.query(head, token));
      keys[token] = floats(attention.key(head, token));
      values[token] = floats(attention.output(head, only));
    }
    return new HeadVectors(grid, queries, keys, values);
  }

  private static float[] floats(double[] from) {
    float[] to = new float[from.length];
    for (int d = 0; d < to.length; d++) {
      to[d] = (float) from[d];
    }
    return to;
  }

  /** Over all pairs, each vector with itself too. */
  private double meanCosine(double[][] vectors, int tile) {
    double sum = 0;
    int count = grid.endToken(tile) - grid.firstToken(tile);
    for (int a = grid.firstToken(tile); a < grid.endToken(tile); a++) {
      for (int b = grid.firstToken(tile); b < grid.endToken(tile); b++) {
        double norms = Math.sqrt(dot(vectors[a], vectors[a]) * dot(vectors[b], vectors[b]));
        sum += norms > 0 ? dot(vectors[a], vectors[b]) / norms : 0;
      }
    }
    return sum / ((double) count * count);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  /** The mean score of all pairs is the score of the means. */
  private double meanScore(int queryTile, int keyTile) {
    double score = 0;
    for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
      for (int key = grid.firstToken(keyTile); key < grid.endToken(keyTile); key++) {
        score += attention.score(head, query, key);
      }
    }
    int pairs =
        (grid.endToken(queryTile) - grid.firstToken(queryTile))
            * (grid.endToken(keyTile) - grid.firstToken(keyTile));
    return score / pairs;
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
        weights[keyTile] = Math.exp(meanScore(queryTile, keyTile));
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
