package io.sparseplan.report.view;

import io.sparseplan.costmodel.LayerTime;
import io.sparseplan.costmodel.PlanPricer;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.plans.profile.SelectedTiles;
import io.sparseplan.report.source.PlanDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Takes the predicted time of a plan apart: prices every layer again, keeps what it is made of, and
 * replays its longest launch.
 *
 * @param layers by length of the workload, then by layer
 */
record TimeAnalysis(Plan plan, List<List<LayerTime>> layers) {
  /** What the plan says and what comes out again may differ by so much, as sums do. */
  private static final double ROUNDING = 1e-6;

  private static final double LEAST_SHARE = 0.001;

  /** What the page shows of times, or a sentence that says why it cannot. */
  record Outcome(Optional<ShownTimes> times, String note) {}

  static Outcome of(Plan plan, Optional<Profile> profile, Optional<PlanDevice> device) {
    if (device.isEmpty()) {
      return missing(
          "The device table %s or the runtime %s does not come with the program. To take the time apart: sparseplan report PLAN --device TABLE --target RUNTIME"
              .formatted(plan.device().name(), plan.device().runtime()));
    }
    if (plan.workload().phase() != Phase.PREFILL) {
      return missing("Only the time of a prefill is simulated block by block.");
    }
    boolean selected =
        plan.heads().stream().anyMatch(head -> head.prefill() instanceof SelectedPattern);
    if (selected && profile.isEmpty()) {
      return missing(
          "Some patterns choose their tiles by the scores of each prompt; how many is in the profile, which was not given: sparseplan report PLAN --profile PROFILE");
    }
    var pricer =
        new PlanPricer(
            device.get().table(),
            device.get().runtime(),
            plan.model(),
            plan.layout(),
            plan.heads().stream().map(HeadDecision::prefill).toList(),
            profile.<SelectedTiles>map(ProfiledTiles::new).orElse(SelectedTiles.NONE));
    var analysis = new TimeAnalysis(plan, pricer.layerTimes(plan.workload()));
    double planMillis = plan.predicted().time().planMillis();
    double again = analysis.sumMillis(LayerTime::micros);
    if (Math.abs(again - planMillis) > ROUNDING * planMillis) {
      return missing(
          "The plan's time cannot be taken apart: it says %s ms, and priced again it takes %s ms. Another version of the program made it."
              .formatted(NumberText.significant(planMillis), NumberText.significant(again)));
    }
    return new Outcome(
        Optional.of(analysis.shown()),
        "Simulated on %s (%s; %s), as %s launches it, batch %s."
            .formatted(
                plan.device().name(),
                plan.device().gpu(),
                plan.device().errorLabel(),
                plan.device().runtime(),
                NumberText.count(plan.workload().batch())));
  }

  private static Outcome missing(String why) {
    return new Outcome(Optional.empty(), why);
  }

  private ShownTimes shown() {
    var pictures = new ArrayList<LaunchPicture>();
    Map<LayerTime, Integer> known = new IdentityHashMap<>();
    var byLength = new ArrayList<ShownTimes.AtLength>();
    for (int n = 0; n < layers.size(); n++) {
      var shown = new ArrayList<ShownTimes.Layer>();
      for (int layer = 0; layer < layers.get(n).size(); layer++) {
        LayerTime time = layers.get(n).get(layer);
        int ofLayer = layer;
        int picture =
            known.computeIfAbsent(
                time,
                launched -> {
                  pictures.add(LaunchPicture.of(launched, head -> isDense(ofLayer, head)));
                  return pictures.size() - 1;
                });
        shown.add(
            new ShownTimes.Layer(
                Arrays.stream(TimePart.values())
                    .map(part -> NumberText.rounded(part.microsOf(time)))
                    .toList(),
                picture));
      }
      byLength.add(new ShownTimes.AtLength(entry(n).length().count(), shown));
    }
    return new ShownTimes(
        Arrays.stream(TimePart.values()).map(TimePart::word).toList(),
        byPart(),
        new TimeAdvice(this).sentences(),
        byLength,
        pictures);
  }

  private Table byPart() {
    var columns = new ArrayList<Table.Column>();
    columns.add(new Table.Column("length, tokens", Basis.GIVEN));
    columns.add(new Table.Column("attention time, ms", Basis.ESTIMATED));
    for (TimePart part : TimePart.values()) {
      columns.add(new Table.Column(part.word(), Basis.ESTIMATED));
    }
    var rows = new ArrayList<List<String>>();
    for (int n = 0; n < layers.size(); n++) {
      int length = n;
      rows.add(
          row(NumberText.count(entry(n).length().count()), micros -> millisAt(length, micros)));
    }
    if (rows.size() > 1) {
      rows.add(row("all, by weight", this::sumMillis));
    }
    return new Table(columns, rows);
  }

  private static List<String> row(
      String name, ToDoubleFunction<ToDoubleFunction<LayerTime>> millis) {
    double all = millis.applyAsDouble(LayerTime::micros);
    var cells = new ArrayList<String>();
    cells.add(name);
    cells.add(NumberText.significant(all));
    for (TimePart part : TimePart.values()) {
      double ofPart = millis.applyAsDouble(part::microsOf);
      cells.add(part(ofPart, ofPart / all));
    }
    return cells;
  }

  /** What is less than a tenth of a percent is said to be so, without digits that nobody reads. */
  private static String part(double millis, double share) {
    if (millis == 0) {
      return "0";
    }
    return share < LEAST_SHARE
        ? "under 0.1 %"
        : NumberText.significant(millis) + " · " + NumberText.percent(share);
  }

  Workload.Entry entry(int lengthIndex) {
    return plan.workload().lengths().get(lengthIndex);
  }

  boolean isDense(int layer, int head) {
    int heads = plan.model().attention().queryHeads().count();
    return plan.heads().get(layer * heads + head).prefill().equals(new Dense());
  }

  double millisAt(int lengthIndex, ToDoubleFunction<LayerTime> micros) {
    return layers.get(lengthIndex).stream().mapToDouble(micros).sum() / 1000;
  }

  /** Of the workload: lengths count by their weights. */
  double sumMillis(ToDoubleFunction<LayerTime> micros) {
    double millis = 0;
    for (int n = 0; n < layers.size(); n++) {
      millis += entry(n).weight() * millisAt(n, micros);
    }
    return millis;
  }

  /** Of the workload, one layer. */
  double layerMillis(int layer, ToDoubleFunction<LayerTime> micros) {
    double millis = 0;
    for (int n = 0; n < layers.size(); n++) {
      millis += entry(n).weight() * micros.applyAsDouble(layers.get(n).get(layer)) / 1000;
    }
    return millis;
  }
}
