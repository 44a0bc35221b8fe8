package io.sparseplan.profiler.attention;

import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a layer as a hook in another framework would: rotated, float32. */
public final class CaptureWriter {
  private CaptureWriter() {}

  /** Writes {@code layer-N.safetensors}. */
  public static void write(
      Path sample, LayerAttention layer, AttentionShape shape, List<Activations> gradient)
      throws IOException {
    var parts = new ArrayList<Part>();
    parts.add(part("q", rotated(layer.q(), layer.rotary(), shape), shape));
    parts.add(part("k", rotated(layer.k(), layer.rotary(), shape), shape));
    parts.add(part("v", layer.v().rows(), shape));
    gradient.forEach(given -> parts.add(part("output_gradient", given.rows(), shape)));
    AtomicFile.write(
        sample.resolve("layer-%d.safetensors".formatted(layer.layer())),
        out -> SafetensorsWriter.write(out, Map.of(), parts));
  }

  private static float[] rotated(Activations rows, RotaryTable rotary, AttentionShape shape) {
    int headDim = shape.headDim().count();
    float[] all = new float[rows.tokens() * rows.width()];
    float[] head = new float[headDim];
    for (int token = 0; token < rows.tokens(); token++) {
      for (int at = 0; at < rows.width(); at += headDim) {
        rotary.rotate(token, rows.data(), rows.at(token) + at, head);
        System.arraycopy(head, 0, all, token * rows.width() + at, headDim);
      }
    }
    return all;
  }

  private static Part part(String name, float[] values, AttentionShape shape) {
    long heads =
        name.equals("q") || name.equals("output_gradient")
            ? shape.queryHeads().count()
            : shape.kvHeads().count();
    long headDim = shape.headDim().count();
    var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new Part(
        name, Dtype.F32, List.of(values.length / heads / headDim, heads, headDim), bytes.array());
  }
}
