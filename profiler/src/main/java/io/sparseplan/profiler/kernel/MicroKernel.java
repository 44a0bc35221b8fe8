package io.sparseplan.profiler.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of every matrix product here: a block of C kept in registers while both operands
 * stream by in the order in which they are read.
 *
 * <p>An A panel is {@code [k][5]} or {@code [k][4]}: one column of five or four rows after the
 * other. A B panel is {@code [k][WIDTH]}. Ten independent sums hide the latency of two
 * multiply-adds a cycle and, with two vectors of B and one of A, leave three of sixteen 256-bit
 * registers free (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication",
 * 2008). Twelve sums would fit too, but C2 then spills one: measured on 256-bit AVX2, one core, 5
 * rows 98 GFLOP/s of 100, 6 rows 42. Four rows exist so that 64 and 128 split into panels without
 * padding.
 */
public final class MicroKernel {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Floats of one vector. */
  public static final int LANES = SPECIES.length();

  /** Columns of a B panel, and of the block of C: two vectors. */
  public static final int WIDTH = 2 * LANES;

  /** Rows of the tall A panel. */
  public static final int TALL_ROWS = 5;

  /** Rows of the short A panel. */
  public static final int SHORT_ROWS = 4;

  private MicroKernel() {}

  /**
   * C[5 × WIDTH] = A·B, or += where {@code accumulate}.
   *
   * @param depth how many k
   * @param cStride floats from one row of C to the next
   */
  static void fiveRows(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int depth,
      float[] c,
      int cAt,
      int cStride,
      boolean accumulate) {
    FloatVector c00;
    FloatVector c01;
    FloatVector c10;
    FloatVector c11;
    FloatVector c20;
    FloatVector c21;
    FloatVector c30;
    FloatVector c31;
    FloatVector c40;
    FloatVector c41;
    if (accumulate) {
      c00 = FloatVector.fromArray(SPECIES, c, cAt);
      c01 = FloatVector.fromArray(SPECIES, c, cAt + LANES);
      c10 = FloatVector.fromArray(SPECIES, c, cAt + cStride);
      c11 = FloatVector.fromArray(SPECIES, c, cAt + cStride + LANES);
      c20 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride);
      c21 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride + LANES);
      c30 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride);
      c31 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride + LANES);
      c40 = FloatVector.fromArray(SPECIES, c, cAt + 4 * cStride);
      c41 = FloatVector.fromArray(SPECIES, c, cAt + 4 * cStride + LANES);
    } else {
      c00 = FloatVector.zero(SPECIES);
      c01 = FloatVector.zero(SPECIES);
      c10 = FloatVector.zero(SPECIES);
      c11 = FloatVector.zero(SPECIES);
      c20 = FloatVector.zero(SPECIES);
      c21 = FloatVector.zero(SPECIES);
      c30 = FloatVector.zero(SPECIES);
      c31 = FloatVector.zero(SPECIES);
      c40 = FloatVector.zero(SPECIES);
      c41 = FloatVector.zero(SPECIES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt + k * TALL_ROWS]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + k * TALL_ROWS + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + k * TALL_ROWS + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + k * TALL_ROWS + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + k * TALL_ROWS + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + cStride);
    c11.intoArray(c, cAt + cStride + LANES);
    c20.intoArray(c, cAt + 2 * cStride);
    c21.intoArray(c, cAt + 2 * cStride + LANES);
    c30.intoArray(c, cAt + 3 * cStride);
    c31.intoArray(c, cAt + 3 * cStride + LANES);
    c40.intoArray(c, cAt + 4 * cStride);
    c41.intoArray(c, cAt + 4 * cStride + LANES);
  }

  /**
   * C[4 × WIDTH] = A·B, or += where {@code accumulate}.
   *
   * @param depth how many k
   * @param cStride floats from one row of C to the next
   */
  static void fourRows(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int depth,
      float[] c,
      int cAt,
      int cStride,
      boolean accumulate) {
    FloatVector c00;
    FloatVector c01;
    FloatVector c10;
    FloatVector c11;
    FloatVector c20;
    FloatVector c21;
    FloatVector c30;
    FloatVector c31;
    if (accumulate) {
      c00 = FloatVector.fromArray(SPECIES, c, cAt);
      c01 = FloatVector.fromArray(SPECIES, c, cAt + LANES);
      c10 = FloatVector.fromArray(SPECIES, c, cAt + cStride);
      c11 = FloatVector.fromArray(SPECIES, c, cAt + cStride + LANES);
      c20 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride);
      c21 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cStride + LANES);
      c30 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride);
      c31 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cStride + LANES);
    } else {
      c00 = FloatVector.zero(SPECIES);
      c01 = FloatVector.zero(SPECIES);
      c10 = FloatVector.zero(SPECIES);
      c11 = FloatVector.zero(SPECIES);
      c20 = FloatVector.zero(SPECIES);
      c21 = FloatVector.zero(SPECIES);
      c30 = FloatVector.zero(SPECIES);
      c31 = FloatVector.zero(SPECIES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt + k * SHORT_ROWS]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + k * SHORT_ROWS + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + k * SHORT_ROWS + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + k * SHORT_ROWS + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + cStride);
    c11.intoArray(c, cAt + cStride + LANES);
    c20.intoArray(c, cAt + 2 * cStride);
    c21.intoArray(c, cAt + 2 * cStride + LANES);
    c30.intoArray(c, cAt + 3 * cStride);
    c31.intoArray(c, cAt + 3 * cStride + LANES);
  }
}
