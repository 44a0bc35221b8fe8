package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a backward pass needs of a forward pass: the residual stream before each layer, and what
 * attention came to. The rest is kept too where there is memory for it; else it is computed again,
 * with the same result, at three quarters of the projections' cost.
 */
public final class ForwardTape implements ForwardObserver {
  private final Optional<ModelGeometry> model;
  private final int tokens;
  private final List<LayerActivations> activations = new ArrayList<>();
  private final List<Activations> layerInputs = new ArrayList<>();
  private final List<AttentionOutput> outputs = new ArrayList<>();
  private final List<Activations> lastHidden = new ArrayList<>();

  /** Of inputs and attention alone. */
  public ForwardTape() {
    model = Optional.empty();
    tokens = 0;
  }

  /** Of everything, for one prompt. */
  ForwardTape(ModelGeometry model, int tokens) {
    this.model = Optional.of(model);
    this.tokens = tokens;
  }

  @Override
  public Optional<LayerActivations> placeFor(int layer) {
    model.ifPresent(
        geometry -> activations.add(new LayerActivations(geometry, new TokenRows(tokens))));
    return activations(layer);
  }

  @Override
  public void onLayerInput(int layer, Activations x) {
    layerInputs.add(copyOf(x));
  }

  @Override
  public void onAttention(LayerAttention attention) {
    outputs.add(
        new AttentionOutput(
            copyOf(attention.output().o()), copyOf(attention.output().logSumExp())));
  }

  @Override
  public void onLastHidden(Activations x) {
    lastHidden.add(copyOf(x));
  }

  private static Activations copyOf(Activations source) {
    var copy = new Activations(new TokenRows(source.tokens()), source.width());
    System.arraycopy(source.data(), 0, copy.data(), 0, source.data().length);
    return copy;
  }

  int tokens() {
    return lastHidden().tokens();
  }

  Activations layerInput(int layer) {
    return layerInputs.get(layer);
  }

  boolean keepsAll() {
    return model.isPresent();
  }

  /** What the layer computed, where it was kept. */
  Optional<LayerActivations> activations(int layer) {
    return model.map(geometry -> activations.get(layer));
  }

  AttentionOutput output(int layer) {
    return outputs.get(layer);
  }

  /** The residual stream before the last norm. */
  Activations lastHidden() {
    if (lastHidden.size() != 1) {
      throw new IllegalStateException(
          "The tape holds %d forward passes; a backward pass needs one."
              .formatted(lastHidden.size()));
    }
    return lastHidden.getFirst();
  }
}
