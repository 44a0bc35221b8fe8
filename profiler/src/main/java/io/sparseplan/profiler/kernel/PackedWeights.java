package io.sparseplan.profiler.kernel;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.profiler.Workers;

/**
 * The weights of a linear layer y = W·x, packed once as B panels: {@code [out ÷ WIDTH][in][WIDTH]}.
 * The last panel is padded with zeros.
 */
public final class PackedWeights {
  private static final int TRANSPOSED_PANELS = 8;

  private final int outputs;
  private final int inputs;
  private final float[][] panels;

  private PackedWeights(int outputs, int inputs, float[][] panels) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.panels = panels;
  }

  /** Packs stored weights. */
  public static PackedWeights of(WeightRows rows, Workers workers) {
    int inputs = rows.inputs();
    float[][] panels = new float[Math.ceilDiv(rows.outputs(), WIDTH)][];
    float[][] scratch = new float[workers.count()][inputs];
    workers.forEach(
        panels.length,
        (panel, worker) -> {
          float[] row = scratch[worker];
          float[] packed = new float[Math.multiplyExact(inputs, WIDTH)];
          int first = panel * WIDTH;
          for (int column = 0; column < Math.min(WIDTH, rows.outputs() - first); column++) {
            rows.copy(first + column, 0, inputs, row, 0);
            for (int k = 0; k < inputs; k++) {
              packed[k * WIDTH + column] = row[k];
            }
          }
          panels[panel] = packed;
        });
    return new PackedWeights(rows.outputs(), inputs, panels);
  }

  /**
   * Packs the weights of x = Wᵀ·y straight from where W is stored, a few panels at a time, so that
   * what is read of a row lies together.
   */
  public static PackedWeights transposed(WeightRows rows, Workers workers) {
    int outputs = rows.outputs();
    int inputs = rows.inputs();
    float[][] panels = new float[Math.ceilDiv(inputs, WIDTH)][];
    float[][] scratch = new float[workers.count()][TRANSPOSED_PANELS * WIDTH];
    workers.forEach(
        Math.ceilDiv(panels.length, TRANSPOSED_PANELS),
        (unit, worker) -> {
          int firstPanel = unit * TRANSPOSED_PANELS;
          int endPanel = Math.min(firstPanel + TRANSPOSED_PANELS, panels.length);
          for (int panel = firstPanel; panel < endPanel; panel++) {
            panels[panel] = new float[Math.multiplyExact(outputs, WIDTH)];
          }
          int from = firstPanel * WIDTH;
          int count = Math.min(endPanel * WIDTH, inputs) - from;
          float[] part = scratch[worker];
          for (int out = 0; out < outputs; out++) {
            rows.copy(out, from, count, part, 0);
            for (int in = 0; in < count; in += WIDTH) {
              int width = Math.min(WIDTH, count - in);
              System.arraycopy(part, in, panels[(from + in) / WIDTH], out * WIDTH, width);
            }
          }
        });
    return new PackedWeights(inputs, outputs, panels);
  }

  /** The weights of x = Wᵀ·y: what carries a gradient back through the layer. */
  public PackedWeights transposed(Workers workers) {
    float[][] columns = new float[Math.ceilDiv(inputs, WIDTH)][];
    workers.forEach(
        columns.length,
        (panel, worker) -> {
          float[] packed = new float[Math.multiplyExact(outputs, WIDTH)];
          int first = panel * WIDTH;
          int width = Math.min(WIDTH, inputs - first);
          for (int out = 0; out < outputs; out++) {
            float[] source = panels[out / WIDTH];
            for (int in = 0; in < width; in++) {
              packed[out * WIDTH + in] = source[(first + in) * WIDTH + out % WIDTH];
            }
          }
          columns[panel] = packed;
        });
    return new PackedWeights(inputs, outputs, columns);
  }

  public int outputs() {
    return outputs;
  }

  public int inputs() {
    return inputs;
  }

  int panelCount() {
    return panels.length;
  }

  float[] panel(int panel) {
    return panels[panel];
  }
}
