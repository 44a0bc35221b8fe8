package io.sparseplan.search.synthetic;

import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How the losses of a real model's heads are distributed. The natural logarithm of a head's loss is
 * linear in {@link SpanFeatures}; a head's coefficients are a draw from a normal distribution, of
 * which heads of one layer have a part in common; what a head deviates from its own curve is normal
 * as well. Fitted by {@link LossCurveFit}.
 *
 * @param fittedTo the profile that this was fitted to, in words
 * @param mean of the coefficients over heads
 * @param covarianceRoot lower triangular L: the coefficients' covariance is L·Lᵀ
 * @param layerShare of that covariance, 0..1: what heads of one layer have in common
 * @param residualSigma standard deviation from a head's curve, in natural logarithms
 * @param totalSigma standard deviation of all logarithms of losses, to compare with
 */
public record LossCurves(
    String fittedTo,
    double[] mean,
    double[][] covarianceRoot,
    double layerShare,
    double residualSigma,
    double totalSigma) {
  public LossCurves {
    if (mean.length != SpanFeatures.COUNT || covarianceRoot.length != SpanFeatures.COUNT) {
      throw new IllegalArgumentException(
          "The curves have %d and %d coefficients; there are %d features."
              .formatted(mean.length, covarianceRoot.length, SpanFeatures.COUNT));
    }
    if (!(layerShare >= 0 && layerShare <= 1)) {
      throw new IllegalArgumentException(
          "The layerShare (%s) must be in 0..1.".formatted(layerShare));
    }
  }

  /** Those of llama-16m's output errors. */
  public static LossCurves llama16m() {
    try (InputStream in = LossCurves.class.getResourceAsStream("llama-16m.losses.json")) {
      return JsonFile.mapper().readValue(in, LossCurves.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For each layer and head in layer-major order the coefficients, drawn at random. */
  double[][] drawHeads(int layers, int headsOfLayer, SplittableRandom random) {
    var root = new CholeskyFactor(covarianceRoot);
    double[][] coefficients = new double[layers * headsOfLayer][];
    for (int layer = 0; layer < layers; layer++) {
      double[] ofLayer = normals(random);
      for (int head = 0; head < headsOfLayer; head++) {
        double[] ofHead = normals(random);
        for (int i = 0; i < ofHead.length; i++) {
          ofHead[i] = Math.sqrt(layerShare) * ofLayer[i] + Math.sqrt(1 - layerShare) * ofHead[i];
        }
        double[] drawn = root.times(ofHead);
        for (int i = 0; i < drawn.length; i++) {
          drawn[i] += mean[i];
        }
        coefficients[layer * headsOfLayer + head] = drawn;
      }
    }
    return coefficients;
  }

  private static double[] normals(SplittableRandom random) {
    double[] normals = new double[SpanFeatures.COUNT];
    Arrays.setAll(normals, i -> random.nextGaussian());
    return normals;
  }
}
