package io.sparseplan.profiler.gpu;

/**
 * What sets of key tiles do to the queries of one query tile of a head, summed over them; c is the
 * change of a query's part of the loss to first order, ⟨∂L/∂O, O_c − O⟩.
 */
public final class SpanScores {
  static final int SUMS = 5;

  private final SpanProgram program;
  private final float[] sums;
  private final byte[] bins;
  private final int firstScore;
  private final int tile;
  private final double squaredNorm;

  /**
   * @param sums [scores][{@value #SUMS}]
   * @param bins [scores][tile]
   * @param firstScore of the program
   */
  SpanScores(
      SpanProgram program, float[] sums, byte[] bins, int firstScore, int tile, float squaredNorm) {
    this.program = program;
    this.sums = sums;
    this.bins = bins;
    this.firstScore = firstScore;
    this.tile = tile;
    this.squaredNorm = squaredNorm;
  }

  /** ‖O‖². */
  public double squaredNorm() {
    return squaredNorm;
  }

  /** The share of the softmax weight that a set keeps, 0..1 for each query. */
  public double kept(int set) {
    return sums[at(set)];
  }

  /** ‖O_c − O‖². */
  public double squaredError(int set) {
    return sums[at(set) + 1];
  }

  /** |c|. */
  public double absoluteChange(int set) {
    return sums[at(set) + 2];
  }

  /** c². */
  public double squaredChange(int set) {
    return sums[at(set) + 3];
  }

  /** c. */
  public double signedChange(int set) {
    return sums[at(set) + 4];
  }

  /**
   * Copies of each query which 256th of the weight, as an unsigned byte, is the last that the set
   * keeps in full: 255 where it keeps all.
   */
  public void copyBins(int set, byte[] into) {
    int from = (firstScore + program.scoreOf(set)) * tile;
    System.arraycopy(bins, from, into, 0, into.length);
  }

  private int at(int set) {
    return (firstScore + program.scoreOf(set)) * SUMS;
  }
}
