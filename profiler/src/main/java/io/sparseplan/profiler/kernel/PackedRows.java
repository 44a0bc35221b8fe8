package io.sparseplan.profiler.kernel;

import static io.sparseplan.profiler.kernel.MicroKernel.TALL_ROWS;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

/**
 * A block of rows packed as tall A panels, {@code [row ÷ TALL_ROWS][k][TALL_ROWS]}: the input of
 * linear layers, packed once for all the layers that read it. One worker's scratch, reused for
 * every block.
 */
public final class PackedRows {
  /**
   * The depth multiplied at a time: a B panel of it leaves half of a 32 kB first-level cache free.
   */
  private static final int DEPTH_BLOCK = 192;

  private final int depth;
  private final float[] data;

  /**
   * @param maxRows rows of the largest block
   * @param depth floats of one row
   */
  public PackedRows(BlockRows maxRows, int depth) {
    this.depth = depth;
    this.data = new float[maxRows.count() * depth];
  }

  /** How many rows a block has. */
  public record BlockRows(int count) {
    /** Rows that end with a panel, so that neighbouring blocks never write each other's rows. */
    public BlockRows {
      if (count < 1 || count % TALL_ROWS != 0) {
        throw new IllegalArgumentException(
            "The rows of a block (%d) must be a multiple of %d.".formatted(count, TALL_ROWS));
      }
    }

    /** Rows that keep a block of a few hundred columns within the second-level cache. */
    public static final BlockRows DEFAULT = new BlockRows(120);
  }

  /** Packs one row. */
  public void put(int row, float[] source, int sourceAt) {
    int at = row / TALL_ROWS * TALL_ROWS * depth + row % TALL_ROWS;
    for (int k = 0; k < depth; k++) {
      data[at + k * TALL_ROWS] = source[sourceAt + k];
    }
  }

  /**
   * Y = X·Wᵀ for the packed rows, or += where {@code accumulate}.
   *
   * @param rows how many rows are packed
   * @param firstToken the row of {@code y} that the first packed row belongs to. Rows after the
   *     last packed one, up to the end of its panel, are written too: only the last block of a
   *     prompt may be partly filled, and {@code y} has spare rows for it
   */
  public void multiply(
      PackedWeights weights, int rows, Activations y, int firstToken, boolean accumulate) {
    int panels = Math.ceilDiv(rows, TALL_ROWS);
    for (int from = 0; from < depth; from += DEPTH_BLOCK) {
      int length = Math.min(DEPTH_BLOCK, depth - from);
      boolean add = accumulate || from > 0;
      for (int column = 0; column < weights.panelCount(); column++) {
        float[] b = weights.panel(column);
        for (int panel = 0; panel < panels; panel++) {
          MicroKernel.tallRows(
              data,
              panel * TALL_ROWS * depth + from * TALL_ROWS,
              b,
              from * WIDTH,
              length,
              y.data(),
              y.at(firstToken + panel * TALL_ROWS) + column * WIDTH,
              y.stride(),
              add);
        }
      }
    }
  }
}
