package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.PackedWeights;
import java.util.List;

/**
 * The linear layers of one decoder layer, turned round. Made when the backward pass reaches the
 * layer: only one layer is held twice.
 */
record TransposedLayer(
    PackedWeights query,
    PackedWeights key,
    PackedWeights value,
    PackedWeights output,
    PackedWeights gate,
    PackedWeights up,
    PackedWeights down) {
  static TransposedLayer of(LayerWeights layer, Workers workers) {
    List<PackedWeights> forward =
        List.of(
            layer.query(),
            layer.key(),
            layer.value(),
            layer.output(),
            layer.gate(),
            layer.up(),
            layer.down());
    var backward = new PackedWeights[forward.size()];
    workers.forEach(
        backward.length, (nth, worker) -> backward[nth] = forward.get(nth).transposed());
    return new TransposedLayer(
        backward[0], backward[1], backward[2], backward[3], backward[4], backward[5], backward[6]);
  }
}
