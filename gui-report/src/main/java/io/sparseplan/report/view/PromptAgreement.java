package io.sparseplan.report.view;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.HeadSummary;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledLoss;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.TraitSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** How far the prompts of a profile agree on a plan: a mean hides a prompt that disagrees. */
final class PromptAgreement {
  private static final int DISPUTED = 8;

  private final Profile profile;
  private final LossKind loss;
  private final int[] chosen;
  private final Map<Tokens, List<PromptStatistics>> prompts = new TreeMap<>();

  private PromptAgreement(Plan plan, Profile profile) {
    this.profile = profile;
    this.loss = plan.calibration().statistic().kind();
    this.chosen =
        plan.heads().stream()
            .mapToInt(head -> profile.candidates().indexOf(head.prefill()))
            .toArray();
    profile.lengths().forEach(length -> prompts.put(length, profile.promptsOf(length)));
  }

  static ShownCalibration of(Plan plan, Profile profile) {
    var agreement = new PromptAgreement(plan, profile);
    var rows = new ArrayList<List<String>>();
    var shown = new ArrayList<ShownCalibration.OfPrompt>();
    for (Tokens length : profile.lengths()) {
      List<ShownCalibration.OfPrompt> ofLength =
          agreement.prompts.get(length).stream().map(agreement::ofPrompt).toList();
      rows.add(agreement.row(length, ofLength));
      shown.addAll(ofLength);
    }
    List<Integer> disputed = agreement.mostDisputed();
    return new ShownCalibration(
        new Table(
            List.of(
                new Table.Column("length, tokens", Basis.GIVEN),
                new Table.Column("prompts", Basis.GIVEN),
                new Table.Column("loss of the plan, by prompt", Basis.ESTIMATED),
                new Table.Column("recall of the plan, by prompt", Basis.MEASURED),
                new Table.Column("same tiles kept by two prompts", Basis.MEASURED)),
            rows),
        shown,
        agreement.table(disputed, plan),
        disputed);
  }

  private ShownCalibration.OfPrompt ofPrompt(PromptStatistics prompt) {
    double sum = 0;
    double recall = 0;
    for (int place = 0; place < chosen.length; place++) {
      HeadStatistics head = prompt.heads().get(place);
      sum += ProfiledLoss.ofPrompt(head, prompt.length(), loss)[chosen[place]];
      recall += head.recall()[chosen[place]] / (double) chosen.length;
    }
    return new ShownCalibration.OfPrompt(
        prompt.prompt().abbreviated(),
        prompt.length().count(),
        NumberText.rounded(sum),
        NumberText.rounded(recall));
  }

  private List<String> row(Tokens length, List<ShownCalibration.OfPrompt> shown) {
    DoubleSummaryStatistics losses =
        shown.stream().mapToDouble(ShownCalibration.OfPrompt::loss).summaryStatistics();
    DoubleSummaryStatistics recalls =
        shown.stream().mapToDouble(ShownCalibration.OfPrompt::recall).summaryStatistics();
    OptionalDouble kept =
        HeadSummary.all(profile, prompts.get(length)).stream()
            .flatMap(head -> head.traits().stream())
            .map(TraitSummary::keptAgreement)
            .flatMap(Optional::stream)
            .mapToDouble(Double::doubleValue)
            .average();
    return List.of(
        NumberText.count(length.count()),
        NumberText.count(shown.size()),
        range(
            shown.size(),
            NumberText.significant(losses.getMin()),
            NumberText.significant(losses.getMax())),
        range(
            shown.size(),
            NumberText.percent(recalls.getMin()),
            NumberText.percent(recalls.getMax())),
        kept.isPresent() ? NumberText.percent(kept.getAsDouble()) : Table.NOTHING);
  }

  private static String range(int prompts, String low, String high) {
    return prompts == 1 ? low : low + " to " + high;
  }

  /** Places of heads, the widest range of recall first; none where every prompt stands alone. */
  private List<Integer> mostDisputed() {
    double[] spreads = IntStream.range(0, chosen.length).mapToDouble(this::spread).toArray();
    return IntStream.range(0, chosen.length)
        .boxed()
        .filter(place -> spreads[place] > 0)
        .sorted(
            Comparator.comparingDouble((Integer place) -> spreads[place])
                .reversed()
                .thenComparingInt(place -> place))
        .limit(DISPUTED)
        .toList();
  }

  private double spread(int place) {
    return profile.lengths().stream()
        .mapToDouble(
            length -> {
              DoubleSummaryStatistics recalls = recalls(length, place);
              return recalls.getMax() - recalls.getMin();
            })
        .max()
        .orElseThrow();
  }

  private DoubleSummaryStatistics recalls(Tokens length, int place) {
    return prompts.get(length).stream()
        .mapToDouble(prompt -> prompt.heads().get(place).recall()[chosen[place]])
        .summaryStatistics();
  }

  private Table table(List<Integer> places, Plan plan) {
    var columns = new ArrayList<Table.Column>();
    columns.add(new Table.Column("head", Basis.GIVEN));
    columns.add(new Table.Column("pattern", Basis.GIVEN));
    for (Tokens length : profile.lengths()) {
      columns.add(
          new Table.Column(
              "recall at %s tokens".formatted(NumberText.count(length.count())), Basis.MEASURED));
    }
    return new Table(
        columns,
        places.stream()
            .map(
                place -> {
                  var cells = new ArrayList<String>();
                  cells.add(
                      HeadId.atPlace(place, plan.model().attention().queryHeads()).toString());
                  cells.add(plan.heads().get(place).prefill().label());
                  for (Tokens length : profile.lengths()) {
                    DoubleSummaryStatistics recalls = recalls(length, place);
                    cells.add(
                        range(
                            prompts.get(length).size(),
                            NumberText.percent(recalls.getMin()),
                            NumberText.percent(recalls.getMax())));
                  }
                  return (List<String>) cells;
                })
            .toList());
  }
}
