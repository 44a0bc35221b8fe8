package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.attention.ProjectionGradients;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.MicroKernel;
import io.sparseplan.profiler.kernel.PackedRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.kernel.PackedWeights;
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
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final double epsilon;
  private final float[] row;
  private final float[] headVector;
  private final PackedRows hidden;
  private final PackedRows query;
  private final PackedRows keyValue;
  private final PackedRows intermediate;
  private final Activations normGradient;
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
    normGradient = new Activations(block, model.hiddenSize());
    activationGradient = new Activations(block, model.intermediateSize());
    plainQuery = new Activations(block, model.attention().queryWidth());
    plainKey = new Activations(block, model.attention().kvWidth());
  }

  /**
   * Computes the stream behind attention and the MLP's projections again.
   *
   * @param x the layer's input
   * @param o the attention output
   * @param again its rows {@code from..end−1} are written
   */
  void computeMlpAgain(
      LayerWeights weights,
      PackedWeights output,
      PackedWeights gate,
      PackedWeights up,
      Activations x,
      Activations o,
      LayerActivations again,
      int from,
      int end) {
    int rows = end - from;
    Activations middle = again.middle();
    System.arraycopy(x.data(), x.at(from), middle.data(), middle.at(from), rows * x.stride());
    pack(query, o, from, end);
    query.multiply(output, rows, middle, from, true);
    weights.biases().output().addTo(middle, from, end);
    var norm = new RmsNorm(weights.mlpNorm(), epsilon);
    for (int r = 0; r < rows; r++) {
      norm.apply(middle.data(), middle.at(from + r), row);
      hidden.put(r, row, 0);
    }
    hidden.multiply(gate, rows, again.gate(), from, false);
    hidden.multiply(up, rows, again.up(), from, false);
    weights.biases().gate().addTo(again.gate(), from, end);
    weights.biases().up().addTo(again.up(), from, end);
  }

  /**
   * Takes the gradient of the layer's output back to the MLP's gate and up projections.
   *
   * @param down transposed
   * @param gradient that of the layer's output
   * @param mlp its rows {@code from..end−1} are written
   */
  void toMlp(
      PackedWeights down,
      Activations gradient,
      LayerActivations activations,
      MlpGradients mlp,
      int from,
      int end) {
    pack(hidden, gradient, from, end);
    hidden.multiply(down, end - from, activationGradient, 0, false);
    for (int r = 0; r < end - from; r++) {
      takeSwiGluBack(activations, mlp, from + r, r);
    }
  }

  /**
   * Takes the gradients of the MLP's projections back to the residual stream behind attention, and
   * from there to the attention output.
   *
   * @param gate transposed; so are the others
   * @param middle the stream behind attention
   * @param gradient on entry that of the layer's output, on return that of the stream behind
   *     attention
   * @param outputGradient written: ∂L/∂O of tokens {@code from..end−1}
   */
  void toAttentionOutput(
      LayerWeights weights,
      PackedWeights gate,
      PackedWeights up,
      PackedWeights output,
      Activations middle,
      MlpGradients mlp,
      Activations gradient,
      Activations outputGradient,
      int from,
      int end) {
    int rows = end - from;
    pack(intermediate, mlp.gate(), from, end);
    intermediate.multiply(gate, rows, normGradient, 0, false);
    pack(intermediate, mlp.up(), from, end);
    intermediate.multiply(up, rows, normGradient, 0, true);
    addNormGradient(new RmsNorm(weights.mlpNorm(), epsilon), middle, gradient, from, rows);
    pack(hidden, gradient, from, end);
    hidden.multiply(output, rows, outputGradient, from, false);
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
      LayerWeights.Projections transposed,
      Activations x,
      ProjectionGradients projections,
      Activations gradient,
      int from,
      int end) {
    int rows = end - from;
    pack(query, projections.q(), from, end);
    query.multiply(transposed.query(), rows, normGradient, 0, false);
    pack(keyValue, projections.k(), from, end);
    keyValue.multiply(transposed.key(), rows, normGradient, 0, true);
    pack(keyValue, projections.v(), from, end);
    keyValue.multiply(transposed.value(), rows, normGradient, 0, true);
    addNormGradient(new RmsNorm(weights.attentionNorm(), epsilon), x, gradient, from, rows);
  }

  /** Computes q and k before their norms again, and takes their gradients back to there. */
  void takeHeadNormsBack(
      LayerWeights weights,
      PackedWeights packedQuery,
      PackedWeights packedKey,
      Activations x,
      ProjectionGradients projections,
      int from,
      int end) {
    int rows = end - from;
    var norm = new RmsNorm(weights.attentionNorm(), epsilon);
    for (int r = 0; r < rows; r++) {
      norm.apply(x.data(), x.at(from + r), row);
      hidden.put(r, row, 0);
    }
    hidden.multiply(packedQuery, rows, plainQuery, 0, false);
    hidden.multiply(packedKey, rows, plainKey, 0, false);
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
      RmsNorm norm, Activations x, Activations gradient, int from, int rows) {
    for (int r = 0; r < rows; r++) {
      norm.addGradient(
          x.data(),
          x.at(from + r),
          normGradient.data(),
          normGradient.at(r),
          gradient.data(),
          gradient.at(from + r));
    }
  }

  /**
   * Writes ∂L/∂gate = a · up · σ · (1 + gate · (1 − σ)), ∂L/∂up = a · gate · σ, with a the gradient
   * of gate · σ(gate) · up and σ as in {@link BlockScratch}.
   *
   * @param token the row of the MLP's projections
   * @param r the row of the block
   */
  private void takeSwiGluBack(LayerActivations activations, MlpGradients mlp, int token, int r) {
    float[] gate = activations.gate().data();
    float[] up = activations.up().data();
    float[] gateGradient = mlp.gate().data();
    float[] upGradient = mlp.up().data();
    int rowAt = mlp.gate().at(token);
    int activationAt = activationGradient.at(r);
    for (int i = 0; i < mlp.gate().stride(); i += MicroKernel.LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate, rowAt + i);
      FloatVector u = FloatVector.fromArray(SPECIES, up, rowAt + i);
      FloatVector a = FloatVector.fromArray(SPECIES, activationGradient.data(), activationAt + i);
      FloatVector decay = Exp2.of(g.abs().mul(-Exp2.LOG2_E));
      VectorMask<Float> positive = g.compare(VectorOperators.GE, 0);
      FloatVector all = decay.add(1);
      FloatVector sigmoid = decay.blend(1, positive).div(all);
      FloatVector rest = FloatVector.broadcast(SPECIES, 1).blend(decay, positive).div(all);
      a.mul(u).mul(sigmoid).mul(g.mul(rest).add(1)).intoArray(gateGradient, rowAt + i);
      a.mul(g).mul(sigmoid).intoArray(upGradient, rowAt + i);
    }
  }
}
