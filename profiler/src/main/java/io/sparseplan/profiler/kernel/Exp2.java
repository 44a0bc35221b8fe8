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

  /** ln 2. */
  public static final float LN_2 = 0.6931471805599453f;

  private static final float ROUND = 0x1.8p23f;
  private static final float LEAST = -126f;

  private Exp2() {}

  /** 2^x lane by lane. */
  public static FloatVector of(FloatVector x) {
    FloatVector clamped = x.max(LEAST);
    FloatVector rounded = clamped.add(ROUND);
    FloatVector f = clamped.sub(rounded.sub(ROUND));
    FloatVector p = FloatVector.broadcast(MicroKernel.SPECIES, 1.535336188319500e-4f);
    p = p.fma(f, FloatVector.broadcast(MicroKernel.SPECIES, 1.339887440266574e-3f));
    p = p.fma(f, FloatVector.broadcast(MicroKernel.SPECIES, 9.618437357674640e-3f));
    p = p.fma(f, FloatVector.broadcast(MicroKernel.SPECIES, 5.550332471162809e-2f));
    p = p.fma(f, FloatVector.broadcast(MicroKernel.SPECIES, 2.402264791363012e-1f));
    p = p.fma(f, FloatVector.broadcast(MicroKernel.SPECIES, 6.931472028550421e-1f));
    p = p.fma(f, FloatVector.broadcast(MicroKernel.SPECIES, 1f));
    return rounded
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 23)
        .add(p.reinterpretAsInts())
        .reinterpretAsFloats();
  }
}
