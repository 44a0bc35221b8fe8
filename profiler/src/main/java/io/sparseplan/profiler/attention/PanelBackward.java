package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A few queries of one query tile in the backward pass: their weights and ∂L/∂S over one key tile
 * after the other, queries in the vector lanes as in {@link QueryPanel}, and the sum of ∂L/∂Q.
 *
 * <p>MoA's influence of an entry is ∂L/∂S ÷ (1 − A), 0/0 as A nears 1. There both are taken from
 * the other entries of the row: ∂L/∂S sums to 0 over a row, and A to 1.
 */
final class PanelBackward {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  /** A smaller weight, in log₂, counts as 0: its products would be subnormal and slow. */
  private static final float LEAST_WEIGHT = -60;

  /** At most one weight of a row is larger. */
  private static final float HEAVY = 0.5f;

  private final PackedKeyValues keyValues;
  private final int headDim;
  private final QueryPanel panel;
  private final float[] gradients;
  private final float[] scoreGradients;
  private final TileMatrices ofTile;
  private final int column;
  private final float[] queryGradients;
  private final float[] logSumExp = new float[WIDTH];
  private final float[] rowDot = new float[WIDTH];
  private final float[] mass = new float[WIDTH];
  private final float[] influence = new float[WIDTH];
  private final float[] entropyBits = new float[WIDTH];
  private final float[] lightMass = new float[WIDTH];
  private final float[] lightChange = new float[WIDTH];
  private final float[] heaviest = new float[WIDTH];
  private final int[] heavyTile = new int[WIDTH];
  private final float[] rotated;
  private boolean hasGradient;

  /**
   * @param scores scratch from {@link QueryPanel#scoresScratch}, shared by the panels of one worker
   * @param scoreGradients likewise
   * @param ofTile where weights and ∂L/∂S of all queries of the tile are written
   * @param column where the queries of this panel begin there
   */
  PanelBackward(
      PackedKeyValues keyValues,
      float[] scores,
      float[] scoreGradients,
      TileMatrices ofTile,
      int column) {
    this.keyValues = keyValues;
    this.ofTile = ofTile;
    this.column = column;
    this.scoreGradients = scoreGradients;
    headDim = keyValues.shape().headDim().count();
    panel = new QueryPanel(keyValues, scores);
    gradients = new float[headDim * WIDTH];
    queryGradients = new float[keyValues.valueSplit().paddedRows() * WIDTH];
    rotated = new float[headDim];
  }

  /** Starts over with these queries; lanes without one of their own have no gradient. */
  void load(
      Activations q,
      AttentionOutput output,
      Activations gradient,
      RotaryTable rotary,
      int head,
      int[] queries,
      int from,
      int end) {
    panel.load(q, rotary, head, queries, from, end);
    Arrays.fill(gradients, 0);
    Arrays.fill(rowDot, 0);
    Arrays.fill(queryGradients, 0);
    Arrays.fill(lightMass, 0);
    Arrays.fill(lightChange, 0);
    Arrays.fill(heavyTile, -1);
    hasGradient = false;
    for (int lane = 0; lane < WIDTH; lane++) {
      int token = panel.token(lane);
      logSumExp[lane] = output.logSumExp().data()[output.logSumExp().at(token) + head];
      if (lane < panel.lanesUsed()) {
        int at = gradient.at(token) + head * headDim;
        int outputAt = output.o().at(token) + head * headDim;
        double dot = 0;
        for (int d = 0; d < headDim; d++) {
          float g = gradient.data()[at + d];
          gradients[d * WIDTH + lane] = g;
          hasGradient |= g != 0;
          dot += (double) g * output.o().data()[outputAt + d];
        }
        rowDot[lane] = (float) dot;
      }
    }
  }

  /** Whether ∂L/∂O of any of the queries is not zero. */
  boolean hasGradient() {
    return hasGradient;
  }

  /**
   * Computes the weights of one key tile alone: all that there is to know without a gradient. The
   * influence of the tile and of its heaviest weight is 0.
   */
  void weigh(int keyTile) {
    int visible = panel.score(keyTile);
    for (int half = 0; half < WIDTH; half += LANES) {
      FloatVector normaliser = FloatVector.fromArray(SPECIES, logSumExp, half);
      FloatVector massSum = FloatVector.zero(SPECIES);
      FloatVector largest = FloatVector.zero(SPECIES);
      FloatVector entropySum = FloatVector.zero(SPECIES);
      for (int at = half; at < visible * WIDTH; at += WIDTH) {
        FloatVector exponent = FloatVector.fromArray(SPECIES, panel.scores(), at).sub(normaliser);
        FloatVector weight = exponentiate(exponent);
        VectorMask<Float> heavy = weight.compare(VectorOperators.GT, HEAVY);
        largest = largest.blend(weight, heavy);
        massSum = massSum.add(weight.blend(0, heavy));
        entropySum = weight.fma(exponent, entropySum);
      }
      massSum.add(largest).intoArray(mass, half);
      entropySum.intoArray(entropyBits, half);
    }
    Arrays.fill(influence, 0);
  }

  /**
   * Weights and ∂L/∂S of the queries of a tile on the keys of another, 0 where hidden, {@code
   * [key][query]}.
   *
   * @param stride floats from one key to the next
   */
  record TileMatrices(float[] weights, float[] scoreGradients, int stride) {
    private void hide(int key, int column) {
      int at = key * stride + column;
      Arrays.fill(weights, at, at + WIDTH, 0);
      Arrays.fill(scoreGradients, at, at + WIDTH, 0);
    }
  }

  /**
   * Computes the weights and ∂L/∂S of one key tile.
   *
   * @param values the tile of {@link PackedBackwardKeyValues#values}
   * @return how many keys of the tile any of the queries may see
   */
  int differentiate(int keyTile, float[] values) {
    int visible = panel.score(keyTile);
    keyValues
        .keySplit()
        .multiply(values, 0, headDim, gradients, headDim, scoreGradients, visible, false);
    for (int half = 0; half < WIDTH; half += LANES) {
      differentiateHalf(visible, half);
    }
    for (int lane = 0; lane < WIDTH; lane++) {
      heavyTile[lane] = heaviest[lane] > HEAVY ? keyTile : heavyTile[lane];
    }
    return visible;
  }

  /**
   * Computes the weights and ∂L/∂S of one key tile, and adds to ∂L/∂Q.
   *
   * @param values the tile of {@link PackedBackwardKeyValues#values}
   * @param keys the tile of {@link PackedBackwardKeyValues#keys}
   */
  void takeBack(int keyTile, float[] values, float[] keys) {
    int visible = differentiate(keyTile, values);
    int tile = keyValues.grid().tile().tokens();
    for (int key = visible; key < tile; key++) {
      ofTile.hide(key, column);
    }
    keyValues
        .valueSplit()
        .multiply(keys, 0, tile, scoreGradients, visible, queryGradients, headDim, true);
  }

  /** From scores to weights and from ∂L/∂A to ∂L/∂S, half of the lanes at a time. */
  private void differentiateHalf(int keys, int half) {
    FloatVector normaliser = FloatVector.fromArray(SPECIES, logSumExp, half);
    FloatVector dot = FloatVector.fromArray(SPECIES, rowDot, half);
    FloatVector massSum = FloatVector.zero(SPECIES);
    FloatVector changeSum = FloatVector.zero(SPECIES);
    FloatVector largest = FloatVector.zero(SPECIES);
    FloatVector influenceSum = FloatVector.zero(SPECIES);
    FloatVector entropySum = FloatVector.zero(SPECIES);
    float[] scores = panel.scores();
    float[] weights = ofTile.weights();
    float[] changes = ofTile.scoreGradients();
    for (int key = 0; key < keys; key++) {
      int at = key * WIDTH + half;
      int atOfTile = key * ofTile.stride() + column + half;
      FloatVector exponent = FloatVector.fromArray(SPECIES, scores, at).sub(normaliser);
      FloatVector weight = exponentiate(exponent);
      FloatVector change = FloatVector.fromArray(SPECIES, scoreGradients, at).sub(dot).mul(weight);
      VectorMask<Float> heavy = weight.compare(VectorOperators.GT, HEAVY);
      FloatVector light = weight.blend(0, heavy);
      FloatVector lightChanges = change.blend(0, heavy);
      largest = largest.blend(weight, heavy);
      massSum = massSum.add(light);
      changeSum = changeSum.add(lightChanges);
      influenceSum = influenceSum.add(lightChanges.div(light.neg().add(1)).abs());
      entropySum = weight.fma(exponent, entropySum);
      weight.intoArray(weights, atOfTile);
      change.intoArray(changes, atOfTile);
      change.intoArray(scoreGradients, at);
    }
    massSum.add(largest).intoArray(mass, half);
    largest.intoArray(heaviest, half);
    FloatVector.fromArray(SPECIES, lightMass, half).add(massSum).intoArray(lightMass, half);
    FloatVector.fromArray(SPECIES, lightChange, half).add(changeSum).intoArray(lightChange, half);
    influenceSum.intoArray(influence, half);
    entropySum.intoArray(entropyBits, half);
  }

  /** 2^x for x that rounding may have brought above 0. */
  private static FloatVector exponentiate(FloatVector x) {
    return Exp2.of(x).blend(0, x.compare(VectorOperators.LT, LEAST_WEIGHT));
  }

  /** Writes ∂L/∂q of the queries, before rotation, {@code [token][head · headDim]}. */
  void store(int head, RotaryTable rotary, Activations queryGradient) {
    float scale = (float) (1 / Math.sqrt(headDim));
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      int token = panel.token(lane);
      for (int d = 0; d < headDim; d++) {
        rotated[d] = queryGradients[d * WIDTH + lane] * scale;
      }
      int at = queryGradient.at(token) + head * headDim;
      rotary.rotateBack(token, rotated, queryGradient.data(), at);
    }
  }

  /** The loaded queries, {@code [headDim][lane]}; see {@link QueryPanel#queries}. */
  float[] queries() {
    return panel.queries();
  }

  /** ∂L/∂O of the loaded queries, {@code [headDim][lane]}. */
  float[] gradients() {
    return gradients;
  }

  /**
   * Σ A over the tile that was differentiated last, added to {@code sum} query by query, so that
   * how many queries a panel has does not show in its bits.
   */
  double addTileMass(double sum) {
    double all = sum;
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      all += mass[lane];
    }
    return all;
  }

  /** Σ |E| over that tile, of all weights up to a half, added likewise. */
  double addTileInfluence(double sum) {
    double all = sum;
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      all += influence[lane];
    }
    return all;
  }

  /**
   * Adds |E| of the weights above a half, when all tiles have been differentiated. A weight that is
   * alone in its row has nothing to be re-normalised to and counts as 0.
   *
   * @param influenceOfTile by key tile
   */
  void addHeavyInfluence(double[] influenceOfTile) {
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      if (heavyTile[lane] >= 0 && lightMass[lane] > 0) {
        influenceOfTile[heavyTile[lane]] += Math.abs((double) lightChange[lane] / lightMass[lane]);
      }
    }
  }

  /** −Σ A·log₂ A over that tile, added likewise. */
  double addTileEntropyBits(double sum) {
    double all = sum;
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      all -= entropyBits[lane];
    }
    return all;
  }
}
