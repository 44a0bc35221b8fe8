package io.sparseplan.profiler.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * 2^x for x ≤ 0, relative error below 3e-7; below 2^−126 the result stays there.
 *
 * <p>Adding 1.5·2^23 rounds x to an integer that then sits in the low bits of the float: shifted
 * into the exponent it scales a polynomial on [−½, ½] (coefficients of Cephes' exp2f). No call, no
 * table, so that C2 keeps it in the caller's loop.
 */
public final class Exp2 {
  /** What turns a natural exponent into one of two: 1 ÷ ln 2. */
  public static final float LOG2_E = 1.442695040888963f;

  private static final float ROUND = 0x1.8p23f;
  private static final float LEAST = -126f;

  private Exp2() {}

  /** 2^x lane by lane. */
  public static FloatVector of(FloatVector x) {
    // Not max: Java's handles NaN and −0 with three more instructions.
    FloatVector clamped = x.blend(LEAST, x.lt(LEAST));
    FloatVector rounded = clamped.add(ROUND);
    FloatVector f = clamped.sub(rounded.sub(ROUND));
    FloatVector p = FloatVector.broadcast(FloatLanes.SPECIES, 0.0013264727f);
    p = p.fma(f, FloatVector.broadcast(FloatLanes.SPECIES, 0.009671513f));
    p = p.fma(f, FloatVector.broadcast(FloatLanes.SPECIES, 0.055507336f));
    p = p.fma(f, FloatVector.broadcast(FloatLanes.SPECIES, 0.24022242f));
    p = p.fma(f, FloatVector.broadcast(FloatLanes.SPECIES, 0.693147f));
    p = p.fma(f, FloatVector.broadcast(FloatLanes.SPECIES, 1f));
    return rounded
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 23)
        .add(p.reinterpretAsInts())
        .reinterpretAsFloats();
  }
}
