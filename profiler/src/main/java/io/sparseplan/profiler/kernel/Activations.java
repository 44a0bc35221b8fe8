package io.sparseplan.profiler.kernel;

/**
 * One row of floats a token. Rows are padded to whole B panels and there are spare rows at the end,
 * so that kernels never need an edge case; padding columns hold zeros.
 */
public final class Activations {
  private final int tokens;
  private final int width;
  private final int stride;
  private final float[] data;

  /** All zeros. */
  public Activations(TokenRows tokens, int width) {
    this.tokens = tokens.count();
    this.width = width;
    this.stride = Math.ceilDiv(width, MicroKernel.WIDTH) * MicroKernel.WIDTH;
    this.data = new float[Math.multiplyExact(this.tokens + MicroKernel.TALL_ROWS, stride)];
  }

  /** How many rows. */
  public record TokenRows(int count) {}

  public int tokens() {
    return tokens;
  }

  /** Floats of a row that carry data. */
  public int width() {
    return width;
  }

  /** Floats from one row to the next. */
  public int stride() {
    return stride;
  }

  /** All rows, one after the other. */
  public float[] data() {
    return data;
  }

  /** Where the row of a token starts in {@link #data}. */
  public int at(int token) {
    return token * stride;
  }

  /** A copy without padding, row after row. */
  public float[] rows() {
    float[] rows = new float[tokens * width];
    for (int token = 0; token < tokens; token++) {
      System.arraycopy(data, at(token), rows, token * width, width);
    }
    return rows;
  }
}
