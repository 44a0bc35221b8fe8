package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.PanelSplit;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A few queries of one query tile, and their attention over the key tiles absorbed so far.
 *
 * <p>Flash attention (arXiv 2205.14135) with queries in the vector lanes: scores are Sᵀ = K·Qᵀ,
 * {@code [key][lane]}, so that a row's maximum and sum are plain vector operations, and Sᵀ is at
 * once the B operand of Oᵀ += Vᵀ·Pᵀ. A running maximum and sum make the order of tiles free. Scores
 * are in units of log₂, so that one exp2 does.
 */
public final class QueryPanel {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  /** Below any score, yet finite, so that differences are never NaN. */
  static final float LEAST = -1e30f;

  private final PackedKeyValues keyValues;
  private final int headDim;
  private final float[] queries;
  private final float[] scores;
  private final float[] rotated;
  private final float[] rowInTile = new float[WIDTH];
  private final Accumulator state;
  private final int[] tokens = new int[WIDTH];
  private int lanesUsed;
  private int head;
  private int endRowInTile;
  private int queryTile;
  private int kvHead;

  /**
   * @param scores scratch from {@link #scoresScratch}, shared by the panels of one worker
   */
  public QueryPanel(PackedKeyValues keyValues, float[] scores) {
    this.keyValues = keyValues;
    this.headDim = keyValues.shape().headDim().count();
    this.queries = new float[headDim * WIDTH];
    this.scores = scores;
    this.rotated = new float[headDim];
    this.state = new Accumulator(keyValues.valueSplit().paddedRows());
  }

  /** Memory for the scores of one key tile. */
  public static float[] scoresScratch(PackedKeyValues keyValues) {
    return new float[keyValues.keySplit().paddedRows() * WIDTH];
  }

  /**
   * What a softmax over some keys has come to, lane by lane.
   *
   * @param max running maximum of the scores, in log₂
   * @param sum Σ 2^(score − max)
   * @param output Σ 2^(score − max) · v, {@code [headDim][lane]}
   */
  public record Accumulator(float[] max, float[] sum, float[] output) {
    /** No keys yet. */
    public Accumulator(int outputRows) {
      this(new float[WIDTH], new float[WIDTH], new float[outputRows * WIDTH]);
    }

    /** Back to no keys. */
    public void clear() {
      Arrays.fill(max, LEAST);
      Arrays.fill(sum, 0);
      Arrays.fill(output, 0);
    }

    /** Becomes equal to the other. */
    public void copyFrom(Accumulator other) {
      System.arraycopy(other.max, 0, max, 0, WIDTH);
      System.arraycopy(other.sum, 0, sum, 0, WIDTH);
      System.arraycopy(other.output, 0, output, 0, output.length);
    }
  }

  /**
   * Starts over with these queries.
   *
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param queries tokens of one tile; those from {@code from} up to {@code end}, 1..WIDTH of them,
   *     are loaded, and unused lanes repeat the last
   */
  public void load(Activations q, RotaryTable rotary, int head, int[] queries, int from, int end) {
    int tile = keyValues.grid().tile().tokens();
    float scale = (float) (Exp2.LOG2_E / Math.sqrt(headDim));
    this.head = head;
    lanesUsed = end - from;
    queryTile = queries[from] / tile;
    kvHead = head / keyValues.shape().groupSize();
    endRowInTile = 0;
    for (int lane = 0; lane < WIDTH; lane++) {
      int token = queries[from + Math.min(lane, lanesUsed - 1)];
      tokens[lane] = token;
      int row = token - queryTile * tile;
      rowInTile[lane] = row;
      endRowInTile = Math.max(endRowInTile, row + 1);
      rotary.rotate(token, q.data(), q.at(token) + head * headDim, rotated);
      for (int d = 0; d < headDim; d++) {
        this.queries[d * WIDTH + lane] = rotated[d] * scale;
      }
    }
    state.clear();
  }

  /** The token of a lane. */
  public int token(int lane) {
    return tokens[lane];
  }

  /**
   * Writes O and the log-sum-exp of the absorbed tiles to the queries' rows; without any, O is
   * zero.
   */
  void store(AttentionOutput output) {
    Activations o = output.o();
    Activations logSumExp = output.logSumExp();
    for (int lane = 0; lane < lanesUsed; lane++) {
      boolean sawNothing = state.sum[lane] == 0;
      float inverse = sawNothing ? 0 : 1 / state.sum[lane];
      int at = o.at(tokens[lane]) + head * headDim;
      for (int d = 0; d < headDim; d++) {
        o.data()[at + d] = state.output[d * WIDTH + lane] * inverse;
      }
      logSumExp.data()[logSumExp.at(tokens[lane]) + head] =
          sawNothing ? LEAST : (float) (state.max[lane] + Math.log(state.sum[lane]) * Exp2.LOG2_E);
    }
  }

  /** The loaded queries, rotated and in units of log₂ ÷ √headDim, {@code [headDim][lane]}; live. */
  float[] queries() {
    return queries;
  }

  /** The scores of {@link #score}, {@code [key][lane]}; live. */
  public float[] scores() {
    return scores;
  }

  /** Lanes that carry a query of their own. */
  public int lanesUsed() {
    return lanesUsed;
  }

  /** What the absorbed tiles have come to; live. */
  public Accumulator state() {
    return state;
  }

  /**
   * Computes the scores of one key tile in log₂. Keys that a query must not see are far below any
   * score.
   *
   * @return how many keys of the tile any of the queries may see
   */
  public int score(int keyTile) {
    PanelSplit keySplit = keyValues.keySplit();
    TileGrid grid = keyValues.grid();
    boolean hidesLater = grid.visibility() == Visibility.CAUSAL && keyTile == queryTile;
    int keys = hidesLater ? endRowInTile : grid.endToken(keyTile) - grid.firstToken(keyTile);
    keySplit.multiply(
        keyValues.keys(kvHead, keyTile), 0, headDim, queries, headDim, scores, keys, false);
    if (hidesLater) {
      hideLaterKeys(keys);
    }
    if (keyValues.reach().firstKey(lastToken()) > keyValues.grid().firstToken(keyTile)) {
      hideKeysBeyondReach(keyTile, keys);
    }
    return keys;
  }

  /** Adds one key tile; where causal, of the queries' own only the keys up to each query. */
  public void absorb(int keyTile) {
    absorb(keyTile, state);
  }

  /** Adds one key tile to another state than the queries' own. */
  public void absorb(int keyTile, Accumulator into) {
    int keys = score(keyTile);
    softmax(keys, into);
    keyValues
        .valueSplit()
        .multiply(
            keyValues.values(kvHead, keyTile),
            0,
            keyValues.grid().tile().tokens(),
            scores,
            keys,
            into.output,
            headDim,
            true);
  }

  private void hideLaterKeys(int keys) {
    for (int half = 0; half < WIDTH; half += LANES) {
      FloatVector rows = FloatVector.fromArray(SPECIES, rowInTile, half);
      for (int key = 0; key < keys; key++) {
        VectorMask<Float> later = rows.compare(VectorOperators.LT, (float) key);
        int at = key * WIDTH + half;
        FloatVector.fromArray(SPECIES, scores, at).blend(LEAST, later).intoArray(scores, at);
      }
    }
  }

  private int lastToken() {
    return queryTile * keyValues.grid().tile().tokens() + endRowInTile - 1;
  }

  private void hideKeysBeyondReach(int keyTile, int keys) {
    int firstToken = keyValues.grid().firstToken(keyTile);
    for (int lane = 0; lane < WIDTH; lane++) {
      int hidden = Math.min(keyValues.reach().firstKey(tokens[lane]) - firstToken, keys);
      for (int key = 0; key < hidden; key++) {
        scores[key * WIDTH + lane] = LEAST;
      }
    }
  }

  /** Turns scores into weights, half of the lanes at a time: more would spill registers. */
  private void softmax(int keys, Accumulator into) {
    for (int half = 0; half < WIDTH; half += LANES) {
      FloatVector oldMax = FloatVector.fromArray(SPECIES, into.max, half);
      FloatVector max = maximum(oldMax, keys, half);
      FloatVector sum = exponentiate(max, keys, half);
      FloatVector shrink = Exp2.of(oldMax.sub(max));
      max.intoArray(into.max, half);
      FloatVector.fromArray(SPECIES, into.sum, half).fma(shrink, sum).intoArray(into.sum, half);
      if (oldMax.lt(max).anyTrue()) {
        shrink(into.output, shrink, half);
      }
    }
  }

  private FloatVector maximum(FloatVector start, int keys, int half) {
    FloatVector max = start;
    for (int at = half; at < keys * WIDTH; at += WIDTH) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
      // Not max: Java's handles NaN and −0 with three more instructions.
      max = max.blend(score, max.lt(score));
    }
    return max;
  }

  private FloatVector exponentiate(FloatVector max, int keys, int half) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int at = half; at < keys * WIDTH; at += WIDTH) {
      FloatVector weight = Exp2.of(FloatVector.fromArray(SPECIES, scores, at).sub(max));
      weight.intoArray(scores, at);
      sum = sum.add(weight);
    }
    return sum;
  }

  private void shrink(float[] output, FloatVector shrink, int half) {
    for (int at = half; at < headDim * WIDTH; at += WIDTH) {
      FloatVector.fromArray(SPECIES, output, at).mul(shrink).intoArray(output, at);
    }
  }
}
