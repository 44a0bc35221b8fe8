package io.sparseplan.search;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.plans.plan.DenseWins;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Prediction.KvCache;
import io.sparseplan.plans.plan.Prediction.Times;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.LayerPrices;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.List;

/** The simulated times of one choice: by length, in all, and whose they are. */
final class PlanTimes {
  private final SearchProblem problem;
  private final ModelHeads heads;
  private final HeadLosses losses;
  private final AttentionPricer pricer;
  private final LayerPrices prices;
  private final Workload workload;
  private final int[] choice;
  private final double[][] layerMicros;

  /**
   * @param losses of query heads
   * @param prices of layers of query heads
   * @param choice the candidate of each query head
   */
  PlanTimes(
      SearchProblem problem,
      ModelHeads heads,
      HeadLosses losses,
      AttentionPricer pricer,
      LayerPrices prices,
      Workload workload,
      int[] choice) {
    this.problem = problem;
    this.heads = heads;
    this.losses = losses;
    this.pricer = pricer;
    this.prices = prices;
    this.workload = workload;
    this.choice = choice;
    layerMicros = new double[workload.lengths().size()][heads.layers()];
    for (int n = 0; n < layerMicros.length; n++) {
      for (int layer = 0; layer < heads.layers(); layer++) {
        layerMicros[n][layer] = pricer.layerMicros(n, heads.ofLayer(choice, layer));
      }
    }
  }

  /**
   * @param denseWins where dense attention is faster than this choice
   */
  Prediction prediction(DenseWins denseWins, Vouched vouched) {
    List<Prediction.AtLength> byLength = new ArrayList<>();
    for (int n = 0; n < layerMicros.length; n++) {
      byLength.add(
          new Prediction.AtLength(
              workload.lengths().get(n).length(), loss(n), density(n), times(n), kvCache(n)));
    }
    return new Prediction(
        losses.total(choice), workloadTimes(byLength), denseWins, vouched, byLength);
  }

  /** The head's share of the time of the workload: of its layer's time, by its work there. */
  double share(int place) {
    int layer = heads.layerOf(place);
    int[] layerChoice = heads.ofLayer(choice, layer);
    double micros = 0;
    double all = 0;
    for (int n = 0; n < layerMicros.length; n++) {
      double layerWork = 0;
      for (int candidate : layerChoice) {
        layerWork += pricer.headWorkMicros(n, candidate);
      }
      double share = pricer.headWorkMicros(n, choice[place]) / layerWork;
      micros += problem.weight(n) * layerMicros[n][layer] * share;
      all += problem.weight(n) * allLayersMicros(n);
    }
    return micros / all;
  }

  private double loss(int lengthIndex) {
    double loss = 0;
    for (int place = 0; place < choice.length; place++) {
      loss += losses.at(lengthIndex, place, choice[place]);
    }
    return loss;
  }

  private double density(int lengthIndex) {
    double sum = 0;
    for (int candidate : choice) {
      sum += pricer.density(lengthIndex, candidate);
    }
    return sum / choice.length;
  }

  private KvCache kvCache(int lengthIndex) {
    double planBytes = 0;
    double denseBytes = 0;
    for (int layer = 0; layer < heads.layers(); layer++) {
      double dense = prices.denseCacheBytes(lengthIndex);
      planBytes += dense * prices.cacheRatio(lengthIndex, heads.ofLayer(choice, layer));
      denseBytes += dense;
    }
    return new KvCache(Math.round(planBytes), Math.round(denseBytes));
  }

  private double allLayersMicros(int lengthIndex) {
    double micros = 0;
    for (double ofLayer : layerMicros[lengthIndex]) {
      micros += ofLayer;
    }
    return micros;
  }

  private Times times(int lengthIndex) {
    int layers = heads.layers();
    return new Times(
        allLayersMicros(lengthIndex) / 1000,
        pricer.denseLayer(lengthIndex).stream()
            .map(dense -> new DenseTime(dense.kernel(), layers * dense.millis()))
            .toList());
  }

  /** Of the dense kernels those that are known at every length. */
  private Times workloadTimes(List<Prediction.AtLength> byLength) {
    List<DenseTime> dense = new ArrayList<>();
    for (DenseTime first : byLength.getFirst().time().dense()) {
      double millis = 0;
      int known = 0;
      for (int n = 0; n < byLength.size(); n++) {
        for (DenseTime time : byLength.get(n).time().dense()) {
          if (time.kernel().equals(first.kernel())) {
            millis += problem.weight(n) * time.millis();
            known++;
          }
        }
      }
      if (known == byLength.size()) {
        dense.add(new DenseTime(first.kernel(), millis));
      }
    }
    double planMillis = 0;
    for (int n = 0; n < byLength.size(); n++) {
      planMillis += problem.weight(n) * byLength.get(n).time().planMillis();
    }
    return new Times(planMillis, dense);
  }
}
