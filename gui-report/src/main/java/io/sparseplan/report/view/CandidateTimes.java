package io.sparseplan.report.view;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.HeadOffers;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.report.source.PlanDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each candidate of a profile would take in each head, in microseconds of the workload: the
 * head's blocks spread evenly over all slots, and what choosing its tiles takes. A layer takes the
 * sum over its heads, and what its launch and idle slots cost.
 */
final class CandidateTimes {
  private final List<AttentionReach> reachOfLayers;
  private final int headsOfLayer;
  private final boolean[] selected;

  /**
   * Of the offers that are a candidate's, the first; those of other heads follow in their order.
   */
  private final int[] firstOffer;

  private final Map<AttentionReach, double[]> microsOfOffer = new HashMap<>();

  private CandidateTimes(Plan plan, Profile profile, PlanDevice device) {
    reachOfLayers = plan.model().reachOfLayers();
    headsOfLayer = plan.model().attention().queryHeads().count();
    List<Pattern> candidates = profile.candidates();
    int heads = plan.heads().size();
    selected = new boolean[candidates.size()];
    firstOffer = new int[candidates.size()];
    HeadOffers offers =
        HeadOffers.ofEachHead(candidates, plan.heads().size(), new ProfiledTiles(profile));
    for (int candidate = 0; candidate < selected.length; candidate++) {
      selected[candidate] = candidates.get(candidate) instanceof SelectedPattern;
      firstOffer[candidate] = offers.indexOf(candidates.get(candidate), 0);
    }
    for (AttentionReach reach : reachOfLayers) {
      microsOfOffer.computeIfAbsent(reach, far -> micros(plan, device, far, offers));
    }
  }

  /** None where the device table is not known, or the workload is no prefill. */
  static Optional<CandidateTimes> of(Plan plan, Profile profile, Optional<PlanDevice> device) {
    return device
        .filter(_ -> plan.workload().phase() == Phase.PREFILL)
        .map(known -> new CandidateTimes(plan, profile, known));
  }

  private static double[] micros(
      Plan plan, PlanDevice device, AttentionReach reach, HeadOffers offers) {
    var pricer =
        new AttentionPricer(
            device.table(),
            device.runtime(),
            plan.model().attention(),
            reach,
            plan.layout(),
            plan.workload(),
            offers);
    var micros = new double[offers.count()];
    for (int n = 0; n < plan.workload().lengths().size(); n++) {
      double weight = plan.workload().lengths().get(n).weight();
      for (int offer = 0; offer < micros.length; offer++) {
        micros[offer] += weight * pricer.headWorkMicros(n, offer);
      }
    }
    return micros;
  }

  /**
   * @param place of the head in layer-major order
   * @param candidate of the profile
   */
  double micros(int place, int candidate) {
    int offer = firstOffer[candidate] + (selected[candidate] ? place : 0);
    return microsOfOffer.get(reachOfLayers.get(place / headsOfLayer))[offer];
  }
}
