package io.sparseplan.search.synthetic;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fits {@link LossCurves} to a profile: least squares on the logarithms of each head's output
 * errors over all lengths and spans, then mean and covariance of the heads' coefficients. What
 * heads of a layer have in common is the variance between the layers' means, less what heads that
 * have nothing in common would show there, as a share of the whole.
 */
public final class LossCurveFit {
  /** Losses below this are rounding of the profile's floats. */
  private static final double LEAST_LOSS = 1e-9;

  private static final double RIDGE = 1e-9;

  private record Sample(double[] features, Tokens length, int candidate) {}

  private final Profile profile;
  private final List<Sample> samples = new ArrayList<>();
  private final double[][] coefficients;
  private double squaredResiduals;
  private double sum;
  private double sumOfSquares;

  private LossCurveFit(Profile profile) {
    this.profile = profile;
    for (Tokens length : profile.lengths()) {
      var grid = profile.layout().grid(length);
      for (int candidate = 0; candidate < profile.candidates().size(); candidate++) {
        Pattern pattern = profile.candidates().get(candidate);
        if (pattern instanceof ElasticSpan span && SpanFeatures.dropsAny(span, grid)) {
          samples.add(new Sample(SpanFeatures.of(span, grid), length, candidate));
        }
      }
    }
    CholeskyFactor normal = normalMatrix();
    var losses = new ProfiledLoss(profile, LossStatistic.OUTPUT_ERROR);
    coefficients = new double[profile.model().headCount()][];
    for (int head = 0; head < coefficients.length; head++) {
      coefficients[head] = fit(normal, losses, head);
    }
  }

  /** The distribution of the output errors of a profile. */
  public static LossCurves of(Profile profile, String fittedTo) {
    return new LossCurveFit(profile).curves(fittedTo);
  }

  private CholeskyFactor normalMatrix() {
    double[][] matrix = new double[SpanFeatures.COUNT][SpanFeatures.COUNT];
    for (Sample sample : samples) {
      addOuterProduct(matrix, sample.features(), 1);
    }
    for (int i = 0; i < matrix.length; i++) {
      matrix[i][i] += RIDGE;
    }
    return CholeskyFactor.of(matrix);
  }

  private double[] fit(CholeskyFactor normal, ProfiledLoss losses, int head) {
    double[] right = new double[SpanFeatures.COUNT];
    double[] logarithms = new double[samples.size()];
    for (int at = 0; at < logarithms.length; at++) {
      Sample sample = samples.get(at);
      double loss = losses.ofHead(sample.length(), head)[sample.candidate()];
      logarithms[at] = Math.log(Math.max(loss, LEAST_LOSS));
      for (int i = 0; i < right.length; i++) {
        right[i] += sample.features()[i] * logarithms[at];
      }
    }
    double[] fitted = normal.solve(right);
    for (int at = 0; at < logarithms.length; at++) {
      double residual = logarithms[at] - SpanFeatures.dot(samples.get(at).features(), fitted);
      squaredResiduals += residual * residual;
      sum += logarithms[at];
      sumOfSquares += logarithms[at] * logarithms[at];
    }
    return fitted;
  }

  private LossCurves curves(String fittedTo) {
    double[] mean = SpanFeatures.mean(coefficients);
    double[][] covariance = covariance(coefficients, mean);
    double count = (double) samples.size() * coefficients.length;
    double meanLogarithm = sum / count;
    return new LossCurves(
        fittedTo,
        mean,
        CholeskyFactor.of(covariance).lower(),
        layerShare(mean, covariance),
        Math.sqrt(squaredResiduals / count),
        Math.sqrt(sumOfSquares / count - meanLogarithm * meanLogarithm));
  }

  private double layerShare(double[] mean, double[][] covariance) {
    int ofLayer = profile.model().attention().queryHeads().count();
    double[][] layers = new double[coefficients.length / ofLayer][];
    for (int layer = 0; layer < layers.length; layer++) {
      layers[layer] =
          SpanFeatures.mean(
              Arrays.copyOfRange(coefficients, layer * ofLayer, (layer + 1) * ofLayer));
    }
    double between = trace(covariance(layers, mean)) / trace(covariance);
    return Math.clamp((between - 1.0 / ofLayer) / (1 - 1.0 / ofLayer), 0, 1);
  }

  private static double[][] covariance(double[][] vectors, double[] mean) {
    double[][] covariance = new double[mean.length][mean.length];
    for (double[] vector : vectors) {
      double[] deviation = new double[mean.length];
      Arrays.setAll(deviation, i -> vector[i] - mean[i]);
      addOuterProduct(covariance, deviation, 1.0 / vectors.length);
    }
    return covariance;
  }

  private static void addOuterProduct(double[][] matrix, double[] vector, double weight) {
    for (int row = 0; row < vector.length; row++) {
      for (int column = 0; column < vector.length; column++) {
        matrix[row][column] += weight * vector[row] * vector[column];
      }
    }
  }

  private static double trace(double[][] matrix) {
    double trace = 0;
    for (int i = 0; i < matrix.length; i++) {
      trace += matrix[i][i];
    }
    return trace;
  }
}
