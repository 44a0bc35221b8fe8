package io.sparseplan.profiler.kernel;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

/**
 * The weights of a linear layer y = W·x, packed once as B panels: {@code [out ÷ WIDTH][in][WIDTH]}.
 * The last panel is padded with zeros.
 */
public final class PackedWeights {
  private final int outputs;
  private final int inputs;
  private final float[][] panels;

  private PackedWeights(int outputs, int inputs, float[][] panels) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.panels = panels;
  }

  /** Packs {@code rowMajor[out][in]}, as checkpoints store it. */
  public static PackedWeights of(float[] rowMajor, int inputs) {
    int outputs = rowMajor.length / inputs;
    float[][] panels = new float[Math.ceilDiv(outputs, WIDTH)][];
    for (int panel = 0; panel < panels.length; panel++) {
      float[] packed = new float[inputs * WIDTH];
      int first = panel * WIDTH;
      for (int column = 0; column < Math.min(WIDTH, outputs - first); column++) {
        int row = (first + column) * inputs;
        for (int k = 0; k < inputs; k++) {
          packed[k * WIDTH + column] = rowMajor[row + k];
        }
      }
      panels[panel] = packed;
    }
    return new PackedWeights(outputs, inputs, panels);
  }

  /** The weights of x = Wᵀ·y: what carries a gradient back through the layer. */
  public PackedWeights transposed() {
    float[][] columns = new float[Math.ceilDiv(inputs, WIDTH)][outputs * WIDTH];
    for (int out = 0; out < outputs; out++) {
      float[] panel = panels[out / WIDTH];
      for (int in = 0; in < inputs; in++) {
        columns[in / WIDTH][out * WIDTH + in % WIDTH] = panel[in * WIDTH + out % WIDTH];
      }
    }
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
