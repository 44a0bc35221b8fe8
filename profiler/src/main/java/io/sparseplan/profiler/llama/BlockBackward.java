package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.attention.ProjectionGradients;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.MicroKernel;
import io.sparseplan.profiler.kernel.PackedRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * One worker's memory for a block of rows in the backward pass, and the parts of a layer after and
 * before attention: the counterpart of {@link BlockScratch}. What {@link BlockScratch#project} does
 * to a projection, {@link #toLayerInput} takes back.
 */
final class BlockBackward {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final double epsilon;
  private final float[] row;
  private final float[] headVector;
  private final PackedRows hidden;
  private final PackedRows query;
  private final PackedRows keyValue;
  private final PackedRows intermediate;
  private final Activations middle;
  private final Activations normGradient;
  private final Activations gate;
  private final Activations up;
  private final Activations activationGradient;
  private final Activations plainQuery;
  private final Activations plainKey;

  BlockBackward(ModelGeometry model, BlockRows rows) {
    epsilon = model.rmsNormEpsilon();
    row = new float[model.hiddenSize()];
    headVector = new float[model.attention().headDim().count()];
    hidden = new PackedRows(rows, model.hiddenSize());
    query = new PackedRows(rows, model.attention().queryWidth());
    keyValue = new PackedRows(rows, model.attention().kvWidth());
    intermediate = new PackedRows(rows, model.intermediateSize());
    var block = new TokenRows(rows.count());
    middle = new Activations(block, model.hiddenSize());
    normGradient = new Activations(block, model.hiddenSize());
    gate = new Activations(block, model.intermediateSize());
    up = new Activations(block, model.intermediateSize());
    activationGradient = new Activations(block, model.intermediateSize());
    plainQuery = new Activations(block, model.attention().queryWidth());
    plainKey = new Activations(block, model.attention().kvWidth());
  }

  /**
   * Takes the gradient of the layer's output back through the MLP to the residual stream behind
   * attention, and from there to the attention output.
   *
   * @param x the layer's input
   * @param o the attention output
   * @param gradient on entry that of the layer's output, on return that of the stream behind
   *     attention
   * @param outputGradient written: ∂L/∂O of tokens {@code from..end−1}
   */
  void toAttentionOutput(
      LayerWeights weights,
      TransposedLayer transposed,
      Activations x,
      Activations o,
      Activations gradient,
      Activations outputGradient,
      int from,
      int end) {
    int rows = end - from;
    System.arraycopy(x.data(), x.at(from), middle.data(), 0, rows * x.stride());
    pack(query, o, from, end);
    query.multiply(weights.output(), rows, middle, 0, true);
    weights.biases().output().addTo(middle, 0, rows);
    var norm = new RmsNorm(weights.mlpNorm(), epsilon);
    for (int r = 0; r < rows; r++) {
      norm.apply(middle.data(), middle.at(r), row);
      hidden.put(r, row, 0);
    }
    hidden.multiply(weights.gate(), rows, gate, 0, false);
    hidden.multiply(weights.up(), rows, up, 0, false);
    weights.biases().gate().addTo(gate, 0, rows);
    weights.biases().up().addTo(up, 0, rows);
    pack(hidden, gradient, from, end);
    hidden.multiply(transposed.down(), rows, activationGradient, 0, false);
    for (int r = 0; r < rows; r++) {
      takeSwiGluBack(gate.at(r));
    }
    pack(intermediate, gate, 0, rows);
    intermediate.multiply(transposed.gate(), rows, normGradient, 0, false);
    pack(intermediate, up, 0, rows);
    intermediate.multiply(transposed.up(), rows, normGradient, 0, true);
    addNormGradient(norm, middle, 0, gradient, from, rows);
    pack(hidden, gradient, from, end);
    hidden.multiply(transposed.output(), rows, outputGradient, from, false);
  }

  /**
   * Adds to the gradient of the residual stream what comes through the projections.
   *
   * @param x the layer's input
   * @param gradient on entry that of the stream behind attention, on return that of the layer's
   *     input
   */
  void toLayerInput(
      LayerWeights weights,
      TransposedLayer transposed,
      Activations x,
      ProjectionGradients projections,
      Activations gradient,
      int from,
      int end) {
    int rows = end - from;
    if (weights.queryNorm().normalises()) {
      takeHeadNormsBack(weights, x, projections, from, end);
    }
    pack(query, projections.q(), from, end);
    query.multiply(transposed.query(), rows, normGradient, 0, false);
    pack(keyValue, projections.k(), from, end);
    keyValue.multiply(transposed.key(), rows, normGradient, 0, true);
    pack(keyValue, projections.v(), from, end);
    keyValue.multiply(transposed.value(), rows, normGradient, 0, true);
    addNormGradient(new RmsNorm(weights.attentionNorm(), epsilon), x, from, gradient, from, rows);
  }

  /** Computes q and k before their norms again, and takes their gradients back to there. */
  private void takeHeadNormsBack(
      LayerWeights weights, Activations x, ProjectionGradients projections, int from, int end) {
    int rows = end - from;
    var norm = new RmsNorm(weights.attentionNorm(), epsilon);
    for (int r = 0; r < rows; r++) {
      norm.apply(x.data(), x.at(from + r), row);
      hidden.put(r, row, 0);
    }
    hidden.multiply(weights.query(), rows, plainQuery, 0, false);
    hidden.multiply(weights.key(), rows, plainKey, 0, false);
    weights.biases().query().addTo(plainQuery, 0, rows);
    weights.biases().key().addTo(plainKey, 0, rows);
    weights.queryNorm().takeBack(plainQuery, projections.q(), epsilon, headVector, from, rows);
    weights.keyNorm().takeBack(plainKey, projections.k(), epsilon, headVector, from, rows);
  }

  private static void pack(PackedRows packed, Activations source, int from, int end) {
    for (int token = from; token < end; token++) {
      packed.put(token - from, source.data(), source.at(token));
    }
  }

  private void addNormGradient(
      RmsNorm norm, Activations x, int xFrom, Activations gradient, int from, int rows) {
    for (int r = 0; r < rows; r++) {
      norm.addGradient(
          x.data(),
          x.at(xFrom + r),
          normGradient.data(),
          normGradient.at(r),
          gradient.data(),
          gradient.at(from + r));
    }
  }

  /**
   * gate ← ∂L/∂gate = a · up · σ · (1 + gate · (1 − σ)), up ← ∂L/∂up = a · gate · σ, with a the
   * gradient of gate · σ(gate) · up and σ as in {@link BlockScratch}.
   */
  private void takeSwiGluBack(int rowAt) {
    for (int at = rowAt; at < rowAt + gate.stride(); at += MicroKernel.LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate.data(), at);
      FloatVector u = FloatVector.fromArray(SPECIES, up.data(), at);
      FloatVector a = FloatVector.fromArray(SPECIES, activationGradient.data(), at);
      FloatVector decay = Exp2.of(g.abs().mul(-Exp2.LOG2_E));
      VectorMask<Float> positive = g.compare(VectorOperators.GE, 0);
      FloatVector all = decay.add(1);
      FloatVector sigmoid = decay.blend(1, positive).div(all);
      FloatVector rest = FloatVector.broadcast(SPECIES, 1).blend(decay, positive).div(all);
      a.mul(u).mul(sigmoid).mul(g.mul(rest).add(1)).intoArray(gate.data(), at);
      a.mul(g).mul(sigmoid).intoArray(up.data(), at);
    }
  }
}
