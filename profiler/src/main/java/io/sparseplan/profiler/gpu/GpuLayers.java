package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.llama.StoredModel;
import java.util.ArrayList;
import java.util.List;

/** A model's decoder layers, for a GPU to run one after the other. */
sealed interface GpuLayers extends AutoCloseable {
  /** The rest is for activations. */
  double SHARE_OF_MEMORY = 0.6;

  /** Queues the work of a layer. */
  @FunctionalInterface
  interface Work {
    void queue(int layer, GpuLayer weights);
  }

  /** How many there are. */
  int count();

  /** Gives a layer to one who queues its work. */
  void with(int layer, Work work);

  /** Gives every layer in turn to one who queues its work. */
  default void forEach(Work work) {
    for (int layer = 0; layer < count(); layer++) {
      with(layer, work);
    }
  }

  /** Likewise, the last layer first. */
  default void forEachFromLast(Work work) {
    for (int layer = count() - 1; layer >= 0; layer--) {
      with(layer, work);
    }
  }

  @Override
  void close();

  /** Holds all layers in the GPU's memory where most of it stays free, else one at a time. */
  static GpuLayers of(GpuSession gpu, StoredModel model, Workers workers) {
    return bytes(model.geometry()) <= SHARE_OF_MEMORY * gpu.freeBytes()
        ? Held.upload(gpu, model, workers)
        : new Streamed(gpu, model, workers);
  }

  /** Bytes of all linear layers in a GPU's memory. */
  private static long bytes(ModelGeometry model) {
    AttentionShape attention = model.attention();
    long ofLayer =
        GpuLinear.bytes(attention.queryWidth() + 2 * attention.kvWidth(), model.hiddenSize())
            + GpuLinear.bytes(model.hiddenSize(), attention.queryWidth())
            + GpuLinear.bytes(2 * model.intermediateSize(), model.hiddenSize())
            + GpuLinear.bytes(model.hiddenSize(), model.intermediateSize());
    return model.layers().count() * ofLayer;
  }

  /** Layers that stay in the GPU's memory. */
  record Held(List<GpuLayer> layers) implements GpuLayers {
    static Held upload(GpuSession gpu, StoredModel model, Workers workers) {
      var layers = new ArrayList<GpuLayer>();
      for (int layer = 0; layer < model.geometry().layers().count(); layer++) {
        layers.add(GpuLayer.upload(gpu, model.layer(layer), workers));
      }
      return new Held(layers);
    }

    @Override
    public int count() {
      return layers.size();
    }

    @Override
    public void with(int layer, Work work) {
      work.queue(layer, layers.get(layer));
    }

    @Override
    public void close() {
      layers.forEach(GpuLayer::close);
    }
  }

  /** Layers that are read from their files each time. */
  record Streamed(GpuSession gpu, StoredModel model, Workers workers) implements GpuLayers {
    @Override
    public int count() {
      return model.geometry().layers().count();
    }

    @Override
    public void with(int layer, Work work) {
      // Closing waits for what was queued.
      try (GpuLayer weights = GpuLayer.upload(gpu, model.layer(layer), workers)) {
        work.queue(layer, weights);
      }
    }

    @Override
    public void close() {}
  }
}
