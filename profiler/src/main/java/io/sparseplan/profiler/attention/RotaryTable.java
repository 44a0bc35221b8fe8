package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;

import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.profiler.kernel.FloatLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Cosines and sines of rotary positions, {@code [token][r ÷ 2]}, where the first r elements of a
 * head rotate. Frequencies and angles are rounded to float32 at the places where transformers
 * rounds them.
 */
public final class RotaryTable {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final int half;
  private final int kept;
  private final float[] cosines;
  private final float[] sines;

  private RotaryTable(HeadDim headDim) {
    half = 0;
    kept = headDim.count();
    cosines = new float[0];
    sines = new float[0];
  }

  /** Leaves every vector as it is: what was captured has been rotated. */
  public static RotaryTable none(HeadDim headDim) {
    return new RotaryTable(headDim);
  }

  public RotaryTable(Rope rope, HeadDim headDim, int tokens) {
    int rotary = rope.rotaryElements(headDim);
    half = rotary / 2;
    kept = headDim.count() - rotary;
    cosines = new float[Math.multiplyExact(tokens, half)];
    sines = new float[cosines.length];
    for (int i = 0; i < half; i++) {
      float frequency =
          rope.scaling().scaled((float) (1.0 / Math.pow(rope.theta(), 2.0 * i / rotary)));
      for (int token = 0; token < tokens; token++) {
        float angle = token * frequency;
        cosines[token * half + i] = (float) Math.cos(angle);
        sines[token * half + i] = (float) Math.sin(angle);
      }
    }
  }

  /** Pairs of elements that rotate: r ÷ 2. */
  public int pairs() {
    return half;
  }

  /** {@code [token][r ÷ 2]}; the table's own. */
  public float[] cosines() {
    return cosines;
  }

  /** Likewise. */
  public float[] sines() {
    return sines;
  }

  /** Rotates one head's vector of one token from {@code source} into {@code target}. */
  public void rotate(int token, float[] source, int sourceAt, float[] target) {
    int at = token * half;
    int bound = SPECIES.loopBound(half);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, source, sourceAt + i);
      FloatVector y = FloatVector.fromArray(SPECIES, source, sourceAt + half + i);
      FloatVector cosine = FloatVector.fromArray(SPECIES, cosines, at + i);
      FloatVector sine = FloatVector.fromArray(SPECIES, sines, at + i);
      x.mul(cosine).sub(y.mul(sine)).intoArray(target, i);
      y.mul(cosine).add(x.mul(sine)).intoArray(target, half + i);
    }
    for (int i = bound; i < half; i++) {
      float x = source[sourceAt + i];
      float y = source[sourceAt + half + i];
      float cosine = cosines[at + i];
      float sine = sines[at + i];
      target[i] = x * cosine - y * sine;
      target[half + i] = y * cosine + x * sine;
    }
    System.arraycopy(source, sourceAt + 2 * half, target, 2 * half, kept);
  }

  /**
   * The transpose of {@link #rotate}: from the gradient of the rotated vector to that of the
   * vector.
   *
   * @param target not the same array as {@code rotated}
   */
  void rotateBack(int token, float[] rotated, float[] target, int targetAt) {
    int at = token * half;
    for (int i = 0; i < half; i++) {
      float x = rotated[i];
      float y = rotated[half + i];
      float cosine = cosines[at + i];
      float sine = sines[at + i];
      target[targetAt + i] = x * cosine + y * sine;
      target[targetAt + half + i] = y * cosine - x * sine;
    }
    System.arraycopy(rotated, 2 * half, target, targetAt + 2 * half, kept);
  }
}
