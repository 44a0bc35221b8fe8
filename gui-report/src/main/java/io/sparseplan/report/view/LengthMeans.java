package io.sparseplan.report.view;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Workload;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Means over the lengths of a workload, by weight: as the plan's own loss is a mean. */
record LengthMeans(Workload workload) {
  double of(ToDoubleFunction<Tokens> ofLength) {
    double sum = 0;
    double weights = 0;
    for (Workload.Entry entry : workload.lengths()) {
      sum += entry.weight() * ofLength.applyAsDouble(entry.length());
      weights += entry.weight();
    }
    return sum / weights;
  }

  /** As {@link #of}, element by element. */
  double[] ofEach(int elements, Function<Tokens, double[]> ofLength) {
    List<double[]> byLength =
        workload.lengths().stream().map(Workload.Entry::length).map(ofLength).toList();
    var means = new double[elements];
    double weights = 0;
    for (int n = 0; n < byLength.size(); n++) {
      double weight = workload.lengths().get(n).weight();
      weights += weight;
      for (int i = 0; i < elements; i++) {
        means[i] += weight * byLength.get(n)[i];
      }
    }
    for (int i = 0; i < elements; i++) {
      means[i] /= weights;
    }
    return means;
  }
}
