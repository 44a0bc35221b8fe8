package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.AnchorThreshold;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.BlockThreshold;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.ChunkScores;
import io.sparseplan.plans.pattern.ChunkTopK;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.HeadClusters;
import io.sparseplan.plans.pattern.HeadVectors;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.LineScores;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.plans.pattern.PermutedTiles;
import io.sparseplan.plans.pattern.PooledScores;
import io.sparseplan.plans.pattern.RunningGaps;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.SimilarityScores;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.pattern.VideoChunks;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Runs the rules of selected patterns on the queries and keys of one head: computes the scores that
 * a rule reads, once for all rules that read the same. Memory is O(N·headDim) and one score for
 * each pair of tiles. Scratch of one worker.
 */
public final class TileSelector {
  private final PackedKeyValues keyValues;
  private final RotaryTable rotary;
  private final QueryWeights weights;
  private final LayerSums sums;
  private final float[] rotated;
  private Optional<Head> loaded = Optional.empty();
  private Optional<LineScores> lines = Optional.empty();
  private Optional<PooledScores> pooled = Optional.empty();
  private Optional<SimilarityScores> similarity = Optional.empty();
  private Optional<RunningGaps> gaps = Optional.empty();
  private Optional<HeadVectors> vectors = Optional.empty();
  private final Map<ClusterTopP.Clustering, HeadClusters> clustered = new HashMap<>();
  private final Map<Extents, ChunkScores> chunked = new HashMap<>();
  private final Map<Integer, PooledScores> antidiagonals = new HashMap<>();
  private final Map<Integer, AntidiagonalSums> sumsOfStride = new HashMap<>();

  private record Head(Activations q, int number) {}

  public TileSelector(PackedKeyValues keyValues, RotaryTable rotary) {
    this(keyValues, rotary, LayerSums.NONE);
  }

  /**
   * @param sums of the layer that is packed, as far as somebody else takes them
   */
  public TileSelector(PackedKeyValues keyValues, RotaryTable rotary, LayerSums sums) {
    this.keyValues = keyValues;
    this.rotary = rotary;
    this.weights = new QueryWeights(keyValues, rotary);
    this.sums = sums;
    this.rotated = new float[keyValues.shape().headDim().count()];
  }

  /**
   * Starts over with a query head of the layer whose keys are packed.
   *
   * @param q query projections before rotation, {@code [token][head · headDim]}
   */
  public void load(Activations q, int head) {
    loaded = Optional.of(new Head(q, head));
    lines = Optional.empty();
    pooled = Optional.empty();
    clustered.clear();
    chunked.clear();
    antidiagonals.clear();
    similarity = Optional.empty();
    gaps = Optional.empty();
    vectors = Optional.empty();
  }

  /** The tiles that the rule picks for the loaded head. */
  public TileLists select(SelectedPattern pattern) {
    return switch (pattern) {
      case VerticalSlash rule -> rule.select(lines());
      case BlockTopK rule -> rule.select(pooled());
      case BlockTopP rule -> rule.select(pooled());
      case BlockThreshold rule -> rule.select(pooled());
      case AnchorThreshold rule -> rule.select(pooled());
      case ChunkTopK rule -> rule.select(pooled());
      case CoveringVerticalSlash rule -> rule.select(lines());
      case AntidiagonalTopP rule -> rule.select(antidiagonal(rule.stride()));
      case SimilarityTopP rule -> rule.select(similarity(loaded.orElseThrow()));
      case SkipSoftmax rule -> rule.select(gaps(loaded.orElseThrow()));
      case HierarchicalTopK rule -> rule.select(vectors());
      case SampledBand rule -> rule.select(vectors());
      case VideoChunkTopK rule -> rule.select(chunkScores(rule.chunk()));
      case VideoChunkTopP rule -> rule.select(chunkScores(rule.chunk()));
      case PermutedPattern rule ->
          throw new IllegalArgumentException(
              "The pattern (%s) picks tiles of another order.".formatted(rule.label()));
    };
  }

  /** The tiles that the rule picks for the loaded head, of the order that it lays tokens out in. */
  public PermutedTiles permute(PermutedPattern pattern) {
    HeadVectors head = vectors();
    return switch (pattern) {
      case ClusterTopP rule ->
          rule.permute(
              head.grid(),
              clustered.computeIfAbsent(rule.clustering(), absent -> rule.clusters(head)));
      case HashBuckets rule -> rule.permute(head);
    };
  }

  /** The vectors of the loaded head. */
  public HeadVectors vectors() {
    return vectors(loaded.orElseThrow());
  }

  private LineScores lines() {
    if (lines.isEmpty()) {
      Head head = loaded.orElseThrow();
      lines = Optional.of(sums.lines(head.number()).orElseGet(() -> lines(head)));
    }
    return lines.get();
  }

  private PooledScores pooled() {
    if (pooled.isEmpty()) {
      pooled = Optional.of(pooled(loaded.orElseThrow()));
    }
    return pooled.get();
  }

  private PooledScores antidiagonal(int stride) {
    return antidiagonals.computeIfAbsent(stride, size -> antidiagonal(loaded.orElseThrow(), size));
  }

  private PooledScores antidiagonal(Head head, int stride) {
    double[][] estimate =
        sums.antidiagonals(head.number(), stride)
            .orElseGet(
                () ->
                    sumsOfStride
                        .computeIfAbsent(
                            stride,
                            s -> new AntidiagonalSums(keyValues.grid(), keyValues.shape(), s))
                        .of(keyValues, head.q(), rotary, head.number()));
    float[][] rows = new float[estimate.length][];
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      double all = Arrays.stream(estimate[queryTile]).sum();
      rows[queryTile] = new float[estimate[queryTile].length];
      for (int keyTile = 0; keyTile < rows[queryTile].length; keyTile++) {
        rows[queryTile][keyTile] = (float) (estimate[queryTile][keyTile] / all);
      }
    }
    return new PooledScores(keyValues.grid(), rows);
  }

  private SimilarityScores similarity(Head head) {
    if (similarity.isEmpty()) {
      similarity = Optional.of(similarityOf(head));
    }
    return similarity.get();
  }

  private SimilarityScores similarityOf(Head head) {
    TileGrid grid = keyValues.grid();
    int kvHead = head.number() / keyValues.shape().groupSize();
    double[][] logits = new double[grid.tiles()][];
    double[] ofQueries = new double[grid.tiles()];
    double[] ofKeys = new double[grid.tiles()];
    double[] meanOfAll = new double[rotated.length];
    for (int tile = 0; tile < grid.tiles(); tile++) {
      logits[tile] = pooledLogits(head, tile);
      double share = (grid.endToken(tile) - grid.firstToken(tile)) / (double) grid.length().count();
      for (int d = 0; d < meanOfAll.length; d++) {
        meanOfAll[d] += share * keyValues.meanKey(kvHead, tile)[d];
      }
    }
    double[] nothing = new double[rotated.length];
    for (int tile = 0; tile < grid.tiles(); tile++) {
      ofQueries[tile] = likeness(tile, nothing, token -> rotateQuery(head, token));
      ofKeys[tile] = likeness(tile, meanOfAll, token -> keyValues.copyKey(kvHead, token, rotated));
    }
    return new SimilarityScores(grid, logits, ofQueries, ofKeys);
  }

  /** The mean cosine of all pairs of vectors: the square of the mean of the unit vectors. */
  private double likeness(int tile, double[] origin, IntConsumer rotateVector) {
    double[] sum = new double[rotated.length];
    int first = keyValues.grid().firstToken(tile);
    int end = keyValues.grid().endToken(tile);
    double[] vector = new double[sum.length];
    for (int token = first; token < end; token++) {
      rotateVector.accept(token);
      for (int d = 0; d < vector.length; d++) {
        vector[d] = rotated[d] - origin[d];
      }
      double norm = Math.sqrt(dot(vector, vector));
      for (int d = 0; d < vector.length && norm > 0; d++) {
        sum[d] += vector[d] / norm;
      }
    }
    return dot(sum, sum) / ((double) (end - first) * (end - first));
  }

  private RunningGaps gaps(Head head) {
    if (gaps.isEmpty()) {
      gaps = Optional.of(new GapPass(keyValues, rotary).of(head.q(), head.number()));
    }
    return gaps.get();
  }

  private HeadVectors vectors(Head head) {
    if (vectors.isEmpty()) {
      vectors = Optional.of(vectorsOf(head));
    }
    return vectors.get();
  }

  private HeadVectors vectorsOf(Head head) {
    int kvHead = head.number() / keyValues.shape().groupSize();
    int tokens = keyValues.grid().length().count();
    float[][] q = new float[tokens][];
    float[][] k = new float[tokens][rotated.length];
    float[][] v = new float[tokens][rotated.length];
    for (int token = 0; token < tokens; token++) {
      rotateQuery(head, token);
      q[token] = rotated.clone();
      keyValues.copyKey(kvHead, token, k[token]);
      keyValues.copyValue(kvHead, token, v[token]);
    }
    return new HeadVectors(keyValues.grid(), q, k, v);
  }

  private void rotateQuery(Head head, int token) {
    rotary.rotate(
        token, head.q().data(), head.q().at(token) + head.number() * rotated.length, rotated);
  }

  private ChunkScores chunkScores(Extents chunk) {
    return chunked.computeIfAbsent(chunk, size -> chunkScores(loaded.orElseThrow(), size));
  }

  private ChunkScores chunkScores(Head head, Extents size) {
    TileGrid grid = keyValues.grid();
    var chunks = new VideoChunks(grid, size);
    double[][] means = meanKeys(chunks, head.number() / keyValues.shape().groupSize());
    double[][] rows = new double[grid.tiles()][];
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      double[] query = meanQuery(head, queryTile);
      rows[queryTile] = Arrays.stream(means).mapToDouble(mean -> dot(query, mean)).toArray();
    }
    return new ChunkScores(chunks, rows);
  }

  private double[][] meanKeys(VideoChunks chunks, int kvHead) {
    double[][] means = new double[chunks.count()][rotated.length];
    int[] tokens = new int[means.length];
    int videoTokens = keyValues.grid().video().orElseThrow().extents().tokens();
    for (int token = 0; token < videoTokens; token++) {
      int chunk = chunks.of(token);
      keyValues.copyKey(kvHead, token, rotated);
      tokens[chunk]++;
      for (int d = 0; d < rotated.length; d++) {
        means[chunk][d] += rotated[d];
      }
    }
    for (int chunk = 0; chunk < means.length; chunk++) {
      for (int d = 0; d < rotated.length; d++) {
        means[chunk][d] /= tokens[chunk];
      }
    }
    return means;
  }

  private LineScores lines(Head head) {
    TileGrid grid = keyValues.grid();
    int tokens = grid.length().count();
    var scores = new LineScores(grid, new float[tokens], new float[tokens]);
    weights.forEach(
        head.q(),
        head.number(),
        Math.max(0, tokens - VerticalSlash.LAST_QUERIES),
        tokens,
        (query, key, weight) -> {
          scores.columns()[key] += weight;
          scores.diagonals()[query - key] += weight;
        });
    return scores;
  }

  private PooledScores pooled(Head head) {
    float[][] rows = new float[keyValues.grid().tiles()][];
    Optional<double[][]> taken = sums.pooledLogits(head.number());
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      double[] scores = taken.isPresent() ? taken.get()[queryTile] : pooledLogits(head, queryTile);
      rows[queryTile] = softmax(scores, Arrays.stream(scores).max().orElseThrow());
    }
    return new PooledScores(keyValues.grid(), rows);
  }

  /** q̄·k̄ ÷ √headDim for each visible key tile; −∞ for those beyond the layer's reach. */
  private double[] pooledLogits(Head head, int queryTile) {
    int kvHead = head.number() / keyValues.shape().groupSize();
    double[] query = meanQuery(head, queryTile);
    double[] scores = new double[keyValues.grid().lastVisibleKeyTile(queryTile) + 1];
    for (int keyTile = 0; keyTile < scores.length; keyTile++) {
      scores[keyTile] =
          keyValues.hides(keyTile, queryTile)
              ? Double.NEGATIVE_INFINITY
              : dot(query, keyValues.meanKey(kvHead, keyTile)) / Math.sqrt(query.length);
    }
    return scores;
  }

  private double[] meanQuery(Head head, int queryTile) {
    TileGrid grid = keyValues.grid();
    double[] mean = new double[rotated.length];
    int first = grid.firstToken(queryTile);
    int end = grid.endToken(queryTile);
    for (int token = first; token < end; token++) {
      rotateQuery(head, token);
      for (int d = 0; d < mean.length; d++) {
        mean[d] += rotated[d] / (double) (end - first);
      }
    }
    return mean;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  private static float[] softmax(double[] scores, double max) {
    double sum = 0;
    for (double score : scores) {
      sum += Math.exp(score - max);
    }
    float[] weights = new float[scores.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (Math.exp(scores[i] - max) / sum);
    }
    return weights;
  }
}
