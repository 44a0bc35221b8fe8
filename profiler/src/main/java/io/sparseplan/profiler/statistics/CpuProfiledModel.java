package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.ForwardTape;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.MemoryNeed;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.BitSet;

/** On the CPU, in float32: the reference. */
public final class CpuProfiledModel extends ProfiledModel {
  private final LlamaModel model;

  public CpuProfiledModel(LlamaModel model) {
    this.model = model;
  }

  @Override
  ModelGeometry geometry() {
    return model.geometry();
  }

  @Override
  Workers workers() {
    return model.workers();
  }

  @Override
  LossGradient loss(Prompt prompt, Objective objective, Activations states) {
    return LossGradient.of(prompt, objective, states, model.vocabulary(), workers());
  }

  @Override
  void requireHeap(int tokens) {
    MemoryNeed need = model.memoryNeed(tokens);
    requireHeap(tokens, need.weightBytes(), need.activationBytes());
  }

  @Override
  void observe(int[] ids, TileGrid grid, ForwardObserver observer) {
    model.forward(ids, AttentionTiles.dense(grid), new BitSet(), observer);
  }

  @Override
  DensePass densePass(int[] ids, TileGrid grid) {
    AttentionTiles tiles = AttentionTiles.dense(grid);
    var tape = model.tape(ids.length);
    return new Pass(tiles, tape, model.forward(ids, tiles, new BitSet(), tape));
  }

  private final class Pass implements DensePass {
    private final AttentionTiles tiles;
    private final ForwardTape tape;
    private final Activations states;

    Pass(AttentionTiles tiles, ForwardTape tape, Activations states) {
      this.tiles = tiles;
      this.tape = tape;
      this.states = states;
    }

    @Override
    public Activations states() {
      return states;
    }

    @Override
    public void backward(Activations stateGradient, Observer observer) {
      var units = new LayerUnits(tiles.grid(), geometry().attention(), workers());
      model.backward(
          tape,
          tiles,
          stateGradient,
          (attention, outputGradient, blocks) ->
              observer.onLayer(
                  attention,
                  () -> outputGradient,
                  blocks,
                  sets -> units.score(attention, outputGradient, sets)));
    }

    @Override
    public void close() {}
  }

  @Override
  public void close() {}
}
