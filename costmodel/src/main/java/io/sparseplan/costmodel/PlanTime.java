package io.sparseplan.costmodel;

import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The attention time of a plan at each length of a workload.
 *
 * @param layerMicros by length, then by layer
 * @param denseMillis all layers on each dense kernel, by length: the plan's own kernel first
 */
public record PlanTime(
    double[][] layerMicros,
    List<List<DenseTime>> denseMillis,
    DeviceIdentity identity,
    List<String> warnings) {
  private record Layer(AttentionReach reach, List<Integer> choice) {}

  static PlanTime of(
      PlanPricer plan,
      Workload workload,
      HeadOffers offers,
      Map<AttentionReach, AttentionPricer> pricers) {
    List<AttentionReach> reach = plan.model().reachOfLayers();
    int lengths = workload.lengths().size();
    double[][] micros = new double[lengths][reach.size()];
    var dense = new ArrayList<List<DenseTime>>();
    for (int n = 0; n < lengths; n++) {
      Map<Layer, Double> known = new HashMap<>();
      var ofLayers = new ArrayList<List<DenseTime>>();
      for (int layer = 0; layer < reach.size(); layer++) {
        AttentionPricer pricer = pricers.get(reach.get(layer));
        int[] choice = plan.choice(layer, offers);
        int length = n;
        micros[n][layer] =
            known.computeIfAbsent(
                new Layer(reach.get(layer), Arrays.stream(choice).boxed().toList()),
                key -> pricer.layerMicros(length, choice));
        ofLayers.add(pricer.denseLayer(n));
      }
      dense.add(sums(ofLayers));
    }
    var warnings = new LinkedHashSet<String>();
    pricers.values().forEach(pricer -> warnings.addAll(pricer.warnings()));
    return new PlanTime(
        micros,
        List.copyOf(dense),
        pricers.values().iterator().next().identity(),
        List.copyOf(warnings));
  }

  private static List<DenseTime> sums(List<List<DenseTime>> ofLayers) {
    Map<String, Double> millis = new LinkedHashMap<>();
    for (List<DenseTime> layer : ofLayers) {
      layer.forEach(time -> millis.merge(time.kernel(), time.millis(), Double::sum));
    }
    return millis.entrySet().stream()
        .map(entry -> new DenseTime(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** All layers of the plan. */
  public double millis(int lengthIndex) {
    return Arrays.stream(layerMicros[lengthIndex]).sum() / 1000;
  }

  /** All layers on each dense kernel. */
  public List<DenseTime> dense(int lengthIndex) {
    return denseMillis.get(lengthIndex);
  }
}
