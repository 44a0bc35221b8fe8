package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.fit.CrossValidation.Prediction;
import java.util.Collection;
import java.util.List;

/**
 * Whether predictions put launches of one shape in their measured order: what a search needs of
 * them. Only shapes with 10 launches or more count.
 *
 * @param shapes shapes that count
 * @param medianTau median over them of Kendall's τ-a, −1..1: pairs in the right order less pairs in
 *     the wrong one, ÷ all pairs (Kendall, Biometrika 30, 1938)
 * @param distinctPairs pairs in one shape whose measured times differ by more than 3 % of the
 *     shorter
 * @param rightPercent how many of those are in the right order
 */
public record Ranking(int shapes, double medianTau, int distinctPairs, double rightPercent) {
  private static final int LEAST_LAUNCHES = 10;
  private static final double DISTINCT = 1.03;

  static Ranking of(Collection<List<Prediction>> launchesByShape) {
    List<List<Prediction>> counted =
        launchesByShape.stream().filter(shape -> shape.size() >= LEAST_LAUNCHES).toList();
    int distinct = 0;
    int right = 0;
    for (List<Prediction> shape : counted) {
      for (Prediction fast : shape) {
        for (Prediction slow : shape) {
          if (slow.launch().measuredMicros() > DISTINCT * fast.launch().measuredMicros()) {
            distinct++;
            right += slow.predictedMicros() > fast.predictedMicros() ? 1 : 0;
          }
        }
      }
    }
    double[] taus = counted.stream().mapToDouble(Ranking::tau).sorted().toArray();
    double median =
        taus.length == 0 ? Double.NaN : (taus[(taus.length - 1) / 2] + taus[taus.length / 2]) / 2;
    return new Ranking(taus.length, median, distinct, 100.0 * right / distinct);
  }

  private static double tau(List<Prediction> shape) {
    int agreement = 0;
    for (int i = 0; i < shape.size(); i++) {
      for (int j = 0; j < i; j++) {
        double measured =
            shape.get(i).launch().measuredMicros() - shape.get(j).launch().measuredMicros();
        double predicted = shape.get(i).predictedMicros() - shape.get(j).predictedMicros();
        agreement += (int) (Math.signum(measured) * Math.signum(predicted));
      }
    }
    return agreement / (shape.size() * (shape.size() - 1) / 2.0);
  }
}
