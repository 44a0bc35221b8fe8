package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.MicroKernel;
import io.sparseplan.profiler.kernel.PackedRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.llama.LayerWeights.AfterAttention;
import io.sparseplan.profiler.llama.LayerWeights.Projections;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** One worker's memory for a block of rows, and the parts of a layer before and after attention. */
final class BlockScratch {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final double epsilon;
  private final float[] row;
  private final float[] headVector;
  private final PackedRows hidden;
  private final PackedRows attention;
  private final PackedRows intermediate;
  private final Activations gate;
  private final Activations up;
  private final float[] activation;

  BlockScratch(ModelGeometry model, BlockRows rows) {
    epsilon = model.rmsNormEpsilon();
    row = new float[model.hiddenSize()];
    headVector = new float[model.attention().headDim().count()];
    hidden = new PackedRows(rows, model.hiddenSize());
    attention = new PackedRows(rows, model.attention().queryWidth());
    intermediate = new PackedRows(rows, model.intermediateSize());
    gate = new Activations(new TokenRows(rows.count()), model.intermediateSize());
    up = new Activations(new TokenRows(rows.count()), model.intermediateSize());
    activation = new float[gate.stride()];
  }

  /**
   * The layer's query, key and value projections of tokens {@code from..end−1}, heads normalised
   * where the model does so: what rotation takes.
   */
  void project(
      LayerWeights weights,
      Projections packed,
      Activations x,
      Activations q,
      Activations k,
      Activations v,
      int from,
      int end) {
    packNormed(weights.attentionNorm(), x, from, end);
    hidden.multiply(packed.query(), end - from, q, from, false);
    hidden.multiply(packed.key(), end - from, k, from, false);
    hidden.multiply(packed.value(), end - from, v, from, false);
    weights.biases().query().addTo(q, from, end);
    weights.biases().key().addTo(k, from, end);
    weights.biases().value().addTo(v, from, end);
    weights.queryNorm().apply(q, epsilon, headVector, from, end);
    weights.keyNorm().apply(k, epsilon, headVector, from, end);
  }

  /**
   * Adds the output projection of attention and then the MLP to the residual stream.
   *
   * @param kept where the stream between the two and the MLP's projections are written too, if at
   *     all
   */
  void finish(
      LayerWeights weights,
      AfterAttention packed,
      Activations o,
      Activations x,
      Optional<LayerActivations> kept,
      int from,
      int end) {
    for (int token = from; token < end; token++) {
      attention.put(token - from, o.data(), o.at(token));
    }
    attention.multiply(packed.output(), end - from, x, from, true);
    weights.biases().output().addTo(x, from, end);
    kept.ifPresent(
        place ->
            System.arraycopy(
                x.data(),
                x.at(from),
                place.middle().data(),
                x.at(from),
                (end - from) * x.stride()));
    packNormed(weights.mlpNorm(), x, from, end);
    Activations gates = kept.map(LayerActivations::gate).orElse(gate);
    Activations ups = kept.map(LayerActivations::up).orElse(up);
    int first = kept.isPresent() ? from : 0;
    hidden.multiply(packed.gate(), end - from, gates, first, false);
    hidden.multiply(packed.up(), end - from, ups, first, false);
    weights.biases().gate().addTo(gates, first, first + end - from);
    weights.biases().up().addTo(ups, first, first + end - from);
    for (int r = 0; r < end - from; r++) {
      swiGlu(gates.data(), ups.data(), gates.at(first + r));
      intermediate.put(r, activation, 0);
    }
    intermediate.multiply(packed.down(), end - from, x, from, true);
    weights.biases().down().addTo(x, from, end);
    for (int token = from; token < end; token++) {
      requireFinite(x, token);
    }
  }

  private static void requireFinite(Activations x, int token) {
    // Zero times anything finite is zero; times the rest it is NaN, which no sum loses.
    FloatVector zeros = FloatVector.zero(SPECIES);
    for (int at = x.at(token); at < x.at(token) + x.stride(); at += MicroKernel.LANES) {
      zeros = FloatVector.fromArray(SPECIES, x.data(), at).mul(0).add(zeros);
    }
    if (zeros.test(VectorOperators.IS_NAN).anyTrue()) {
      throw NotFinite.hiddenState(token);
    }
  }

  private void packNormed(float[] weight, Activations x, int from, int end) {
    var norm = new RmsNorm(weight, epsilon);
    for (int token = from; token < end; token++) {
      norm.apply(x.data(), x.at(token), row);
      hidden.put(token - from, row, 0);
    }
  }

  /**
   * activation ← gate · σ(gate) · up, with σ(g) = r ÷ (1 + e^−|g|), where r is 1 for g ≥ 0 and
   * e^−|g| below, so that the exponent is never positive.
   */
  private void swiGlu(float[] gates, float[] ups, int rowAt) {
    for (int i = 0; i < activation.length; i += MicroKernel.LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gates, rowAt + i);
      FloatVector decay = Exp2.of(g.abs().mul(-Exp2.LOG2_E));
      FloatVector rise = decay.blend(1, g.compare(VectorOperators.GE, 0));
      g.mul(rise)
          .div(decay.add(1))
          .mul(FloatVector.fromArray(SPECIES, ups, rowAt + i))
          .intoArray(activation, i);
    }
  }
}
