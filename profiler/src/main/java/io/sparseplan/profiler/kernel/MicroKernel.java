package io.sparseplan.profiler.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of every matrix product here: a block of C kept in registers while both operands
 * stream by in the order in which they are read.
 *
 * <p>An A panel is {@code [k][rows]}: one column of a few rows after the other. A B panel is {@code
 * [k][WIDTH]}. The tall panel has as many rows as registers allow (Goto and van de Geijn, "Anatomy
 * of High-Performance Matrix Multiplication", 2008): five where there are sixteen, eight where
 * there are the thirty-two of 512-bit vectors: sixteen sums, two vectors of B and one of A, of
 * which no row is left over in 64 and 128. Ten loads feed sixteen multiply-adds there, where a core
 * that does two of each a cycle is kept busy by sixteen. Ten sums hide the latency of two
 * multiply-adds a cycle and, with two vectors of B and one of A, leave three of sixteen registers
 * free. Twelve would fit too, but C2 then spills one: measured on 256-bit AVX2, one core, 5 rows 98
 * GFLOP/s of 100, 6 rows 42. The short panel's four rows exist so that 64 and 128 split into panels
 * without padding.
 */
public final class MicroKernel {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  /** Floats of one vector. */
  public static final int LANES = SPECIES.length();

  /** Columns of a B panel, and of the block of C: two vectors. */
  public static final int WIDTH = 2 * LANES;

  /** Rows of the tall A panel. */
  public static final int TALL_ROWS = LANES < 16 ? 5 : 8;

  /** Rows of the short A panel. */
  public static final int SHORT_ROWS = 4;

  /** Rows of A that {@link #addPlainRows} takes. */
  public static final int PLAIN_ROWS = 5;

  private MicroKernel() {}

  /**
   * C[TALL_ROWS × WIDTH] = A·B, or += where {@code accumulate}.
   *
   * @param depth how many k
   * @param cStride floats from one row of C to the next
   */
  static void tallRows(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int depth,
      float[] c,
      int cAt,
      int cStride,
      boolean accumulate) {
    if (TALL_ROWS == 8) {
      eightRows(a, aAt, b, bAt, depth, c, cAt, cStride, accumulate);
    } else {
      fiveRows(a, aAt, b, bAt, depth, c, cAt, cStride, accumulate);
    }
  }

  /** C[8 × WIDTH] = A·B, or +=: {@link #tallRows}. */
  static void eightRows(
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
    FloatVector c50;
    FloatVector c51;
    FloatVector c60;
    FloatVector c61;
    FloatVector c70;
    FloatVector c71;
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
      c50 = FloatVector.fromArray(SPECIES, c, cAt + 5 * cStride);
      c51 = FloatVector.fromArray(SPECIES, c, cAt + 5 * cStride + LANES);
      c60 = FloatVector.fromArray(SPECIES, c, cAt + 6 * cStride);
      c61 = FloatVector.fromArray(SPECIES, c, cAt + 6 * cStride + LANES);
      c70 = FloatVector.fromArray(SPECIES, c, cAt + 7 * cStride);
      c71 = FloatVector.fromArray(SPECIES, c, cAt + 7 * cStride + LANES);
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
      c50 = FloatVector.zero(SPECIES);
      c51 = FloatVector.zero(SPECIES);
      c60 = FloatVector.zero(SPECIES);
      c61 = FloatVector.zero(SPECIES);
      c70 = FloatVector.zero(SPECIES);
      c71 = FloatVector.zero(SPECIES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt + k * 8]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aAt + k * 8 + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
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
    c50.intoArray(c, cAt + 5 * cStride);
    c51.intoArray(c, cAt + 5 * cStride + LANES);
    c60.intoArray(c, cAt + 6 * cStride);
    c61.intoArray(c, cAt + 6 * cStride + LANES);
    c70.intoArray(c, cAt + 7 * cStride);
    c71.intoArray(c, cAt + 7 * cStride + LANES);
  }

  /** C[5 × WIDTH] = A·B, or +=: {@link #tallRows}. */
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt + k * 5]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + k * 5 + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + k * 5 + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + k * 5 + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aAt + k * 5 + 4]);
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
   * C[SHORT_ROWS × WIDTH] = A·B, or += where {@code accumulate}.
   *
   * @param depth how many k
   * @param cStride floats from one row of C to the next
   */
  static void shortRows(
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt + k * 4]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aAt + k * 4 + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aAt + k * 4 + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aAt + k * 4 + 3]);
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

  /**
   * C[PLAIN_ROWS × WIDTH] += A·B, where A is not packed: rows of floats, k beside k. It reads five
   * streams where a packed panel is one, and takes about a tenth longer; that is less than packing
   * costs where a panel is used for a few columns only.
   *
   * @param aStride floats from one row of A to the next
   * @param depth how many k
   * @param c rows of WIDTH floats
   */
  public static void addPlainRows(
      float[] a, int aAt, int aStride, float[] b, int bAt, int depth, float[] c, int cAt) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, cAt + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, cAt + WIDTH);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, cAt + WIDTH + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, cAt + 2 * WIDTH);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, cAt + 2 * WIDTH + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, cAt + 3 * WIDTH);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, cAt + 3 * WIDTH + LANES);
    FloatVector c40 = FloatVector.fromArray(SPECIES, c, cAt + 4 * WIDTH);
    FloatVector c41 = FloatVector.fromArray(SPECIES, c, cAt + 4 * WIDTH + LANES);
    int row1 = aAt + aStride;
    int row2 = aAt + 2 * aStride;
    int row3 = aAt + 3 * aStride;
    int row4 = aAt + 4 * aStride;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + k * WIDTH + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + k]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + WIDTH);
    c11.intoArray(c, cAt + WIDTH + LANES);
    c20.intoArray(c, cAt + 2 * WIDTH);
    c21.intoArray(c, cAt + 2 * WIDTH + LANES);
    c30.intoArray(c, cAt + 3 * WIDTH);
    c31.intoArray(c, cAt + 3 * WIDTH + LANES);
    c40.intoArray(c, cAt + 4 * WIDTH);
    c41.intoArray(c, cAt + 4 * WIDTH + LANES);
  }
}
