package io.sparseplan.costmodel.runtime;

/**
 * What choosing the tiles of one head of one prompt takes.
 *
 * @param flops of matrix products, on tensor cores
 * @param bytes read from and written to memory
 */
public record IndexWork(double flops, double bytes) {
  /** Of a pattern whose tiles are known before. */
  public static final IndexWork NONE = new IndexWork(0, 0);

  public IndexWork {
    if (!(flops >= 0 && bytes >= 0 && Double.isFinite(flops) && Double.isFinite(bytes))) {
      throw new IllegalArgumentException(
          "The work (%s FLOP, %s bytes) must be zero or more.".formatted(flops, bytes));
    }
  }

  /**
   * The longer of computing and moving data, in microseconds, where many heads fill the GPU
   * (Williams, Waterman and Patterson, CACM 52, 2009). No kernel is faster; real ones are slower.
   */
  public double micros(double flopsPerMicro, double bytesPerMicro) {
    return Math.max(flops / flopsPerMicro, bytes / bytesPerMicro);
  }
}
