package io.sparseplan.search.synthetic;

/** The lower triangular L of a symmetric positive definite matrix L·Lᵀ. */
record CholeskyFactor(double[][] lower) {
  /**
   * @throws IllegalArgumentException if the matrix is not positive definite
   */
  static CholeskyFactor of(double[][] matrix) {
    int size = matrix.length;
    double[][] lower = new double[size][size];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column <= row; column++) {
        double rest = matrix[row][column];
        for (int k = 0; k < column; k++) {
          rest -= lower[row][k] * lower[column][k];
        }
        if (row == column && !(rest > 0)) {
          throw new IllegalArgumentException("The matrix is not positive definite.");
        }
        lower[row][column] = row == column ? Math.sqrt(rest) : rest / lower[column][column];
      }
    }
    return new CholeskyFactor(lower);
  }

  /** The x with L·Lᵀ·x = b. */
  double[] solve(double[] b) {
    double[] x = b.clone();
    for (int row = 0; row < x.length; row++) {
      for (int k = 0; k < row; k++) {
        x[row] -= lower[row][k] * x[k];
      }
      x[row] /= lower[row][row];
    }
    for (int row = x.length - 1; row >= 0; row--) {
      for (int k = row + 1; k < x.length; k++) {
        x[row] -= lower[k][row] * x[k];
      }
      x[row] /= lower[row][row];
    }
    return x;
  }

  /** L·z. */
  double[] times(double[] z) {
    double[] product = new double[z.length];
    for (int row = 0; row < z.length; row++) {
      for (int k = 0; k <= row; k++) {
        product[row] += lower[row][k] * z[k];
      }
    }
    return product;
  }
}
