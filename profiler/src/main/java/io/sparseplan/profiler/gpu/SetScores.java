package io.sparseplan.profiler.gpu;

/**
 * What sets of key tiles do to the rows of one query tile of a head. Rows are counted from 0 in the
 * query tile.
 */
public final class SetScores {
  private static final int FLOATS_OF_A_SCORE = 3;

  private final float[] scores;
  private final int firstScore;
  private final float[] norms;
  private final int firstNorm;
  private final int rows;

  /**
   * @param scores of rows of sets: what is kept, the squared error, the change
   * @param firstScore in rows of sets
   */
  SetScores(float[] scores, int firstScore, float[] norms, int firstNorm, int rows) {
    this.scores = scores;
    this.firstScore = firstScore;
    this.norms = norms;
    this.firstNorm = firstNorm;
    this.rows = rows;
  }

  /** ‖O‖² of a row. */
  public float squaredNorm(int row) {
    return norms[firstNorm + row];
  }

  /** The share of the row's softmax weight that the set keeps, 0..1 but for rounding. */
  public float kept(int set, int row) {
    return scores[at(set, row)];
  }

  /** ‖O_c − O‖² of a row. */
  public float squaredError(int set, int row) {
    return scores[at(set, row) + 1];
  }

  /** ⟨∂L/∂O, O_c − O⟩ of a row. */
  public float change(int set, int row) {
    return scores[at(set, row) + 2];
  }

  private int at(int set, int row) {
    return (firstScore + set * rows + row) * FLOATS_OF_A_SCORE;
  }
}
