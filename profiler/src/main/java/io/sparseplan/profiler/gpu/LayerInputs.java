package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * The residual stream before each layer of a prompt, kept from the way forward to the way back: the
 * only memory that grows with the number of layers. As many as fit stay on the GPU, the last ones,
 * which come back first; the others lie in the host's memory.
 */
final class LayerInputs implements AutoCloseable {
  private final List<Place> places;

  /** Where one of them lies. */
  private sealed interface Place extends AutoCloseable {
    void keep(GpuBuffer stream);

    void restore(GpuBuffer stream);

    @Override
    void close();

    record OnGpu(GpuBuffer buffer) implements Place {
      @Override
      public void keep(GpuBuffer stream) {
        buffer.copyOf(stream);
      }

      @Override
      public void restore(GpuBuffer stream) {
        stream.copyOf(buffer);
      }

      @Override
      public void close() {
        buffer.close();
      }
    }

    record OnHost(HostBuffer buffer) implements Place {
      @Override
      public void keep(GpuBuffer stream) {
        buffer.copyOf(stream);
      }

      @Override
      public void restore(GpuBuffer stream) {
        buffer.copyTo(stream);
      }

      @Override
      public void close() {
        buffer.close();
      }
    }
  }

  private LayerInputs(List<Place> places) {
    this.places = places;
  }

  /**
   * @param bytes of one stream
   * @param reservedBytes of the GPU's memory that stay free for what is allocated later
   * @throws BadInputException if neither has so much memory; it says how much was needed
   */
  static LayerInputs allocate(GpuSession gpu, int layers, long bytes, long reservedBytes) {
    int onGpu = (int) Math.clamp((gpu.freeBytes() - reservedBytes) / bytes, 0, layers);
    var places = new ArrayList<Place>();
    var inputs = new LayerInputs(places);
    try {
      for (int layer = 0; layer < layers; layer++) {
        places.add(
            layer < layers - onGpu
                ? new Place.OnHost(
                    HostBuffer.allocate(
                        "the inputs of %d layers that do not fit on the GPU"
                            .formatted(layers - onGpu),
                        bytes))
                : new Place.OnGpu(gpu.allocate("the input of a layer", bytes)));
      }
      return inputs;
    } catch (BadInputException e) {
      inputs.close();
      throw e;
    }
  }

  /** Copies what a layer is about to read. */
  void keep(int layer, GpuBuffer stream) {
    places.get(layer).keep(stream);
  }

  /** Copies it back. */
  void restore(int layer, GpuBuffer stream) {
    places.get(layer).restore(stream);
  }

  /** How many lie in the host's memory. */
  int onHost() {
    return (int) places.stream().filter(Place.OnHost.class::isInstance).count();
  }

  @Override
  public void close() {
    places.forEach(Place::close);
  }
}
